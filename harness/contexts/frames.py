"""The sentence frames of the prose, by register; `harness.contexts.prose` says what the capital letters stand for."""

from __future__ import annotations

HEADINGS = {
    "chronicle": "Chronicle of {place}",
    "minutes": "Minutes of the {place} committee",
    "letters": "Letters from {place}",
    "inspection": "Inspection of {place}",
}

_CHRONICLE = """
P V R on D.
S of L Y V R on D.
P U H at L and V N there.
After W, P V N and Q V J at M.
S came down to L with J and Y V R.
Nobody at L remembered who had V N before P.
When W reached M, P Y V R.
P, who had V N at L, later V J for Q.
Of all that S had V at L, only N was kept.
It was said at M that Q had V R for S.
The road from L to M ran past G, where P V N.
S V N, and P V what was left of R.
P and Q met by G between L and M on D.
Before W came to M, Q had V R and U H.
The autumn brought W, and S of M Y V R.
At L stood H, which P had U for S.
Years later P still spoke of N and of how Q had V it.
At M, W spared R but ruined N.
Q was the last at M to see J in H.
The bells of L rang because S had V R.
P learned from S of M that N had been V.
With C helpers and J, Q U H near L.
That winter began with W and ended when P V R.
Few at L believed that Q had V N so Y.
S walked C miles from M to see R.
P gave N to Q, who Y V it.
Where H had stood, S of L now V N.
L and M shared J until P V it on D.
The tale of P and N was told in H at M.
A cousin of Q V R and U H.
For C days S waited at L while P V N.
J was all that P brought back from M.
Since W had spoiled N, Q V R instead.
In H at M, S Y V R.
P sold N to S of M and then U H.
Q kept N in H until S of L V it.
The heirs of P V R, though Q had promised N to S.
H at L was U by S, and N was V by P.
S of M carted K bricks to H, and Q counted them.
P and S quarrelled over N until Q Y V it.
"""

_MINUTES = """
P moved that N be V before D.
Q asked whether S had V R.
The committee noted that R had been V by S of L.
By C votes to two it was agreed that P should see R.
A letter from S about N was read by P.
P reported W at M and the loss of N.
The chair thanked Q, who had Y V R.
S of L raised the matter of R and of G.
Nobody objected to N, and P was thanked for J.
The treasurer showed C receipts for R and for N.
Q seconded P, and R was Y V.
It was recorded that P had V N and that S had U H.
Because of W, the vote on N was left to P.
P wished it noted that Q had V J at M.
The secretary will write to S about R and about H.
S of L lent the sum for N, and Q paid for R.
Members from L V N while those from M U H.
P presented J, which had been V by S.
R was left with Q until H could be U.
W had kept S from M, so N was not V.
The committee Y V R and went on to N.
A plan of H by Q was shown to S.
Repairs to H took C days, according to P.
It was resolved to ask P for J and S for R.
Q spoke against R and for N.
The minutes were approved after P corrected what they said of N.
Two members from L had V R without asking S.
The meeting heard how Q had V N at M.
On the matter of N, S and P Y agreed.
The clerk read C pages on H, which S had U.
P asked S to see that R was V by D.
Q offered J in exchange for N, and S agreed.
S complained that P had U H without asking Q.
A complaint by Q about R was Y withdrawn.
C members voted to keep N in H at L.
The care of H was given to P, who had V N.
J was offered by S, but Q preferred R.
P will meet S at L about N and about G.
No one could tell Q who had V R or U H.
S of M asked for N, which P Y refused.
Thanks went to P for J and to Q for R.
"""

_LETTERS = """
Dear Q, I have Y V N that you left in H.
You will laugh to hear that P V R.
I write this in H, with W outside and N before me.
Tell S at M that I have V R.
My aunt has V J, and she asks after Q.
Since your last letter P and I have V N near L.
Do you remember N that Q once V at M?
I cannot find R, though S have looked for it in H.
Please send J and C nails before D.
We had W all week, and P Y V R.
Your brother met Q by G and spoke of R.
If you come through L, look for J in H.
P tells me that S of M have V R.
I slept badly after W and dreamt of N.
The children V J and gave it to Q.
There is talk at L of R and of what P V.
I walked with Q from G to M and saw N there.
What you wrote about R made S laugh, and P too.
You were right about P, who V N after all.
I enclose a drawing of N, which Q has V.
S will carry R to M and N to you.
We found S in H, and P Y V N.
My room at L looks out on G, and I keep N in it.
I owe Q for R and you for J.
Give my love to P and to S at M.
S have put N beside R, and nobody knows why.
I shall meet S by G on D.
Of all that Q V at L, I liked N best.
I counted K steps from G to M and met S.
Write to me about R and about P.
Your uncle has U H and now sleeps beside N.
P has asked Q for N, and I have promised R.
Has Q told you how S V R?
I have not seen N since P V it at L.
Q sends you J and hopes that you have V R.
After W, P and I looked for N in H.
S laughed when I told them that Q had Y V N.
P is well and has V R for S of L.
I have kept N for Q since D.
If S ask, say that I never V R.
H at L has been U, and I hardly knew it.
Q has grown fond of G and of N.
"""

_INSPECTION = """
N in H was Y V on D.
The inspector, P, V R together with Q.
C boards of H are loose, and Q has promised to see to them.
S reported that R had been V after W.
Behind N there is J that is not on the plan of H.
No fault was seen in R, which Q had V.
The drain of H was blocked by J and has been cleared by S.
P recommends that N be moved from H.
The door of H sticks, so S leave N outside.
The wall of H leans C inches towards G.
N is kept by Q at L, and R by P.
The paint on N is flaking, and R has not been V.
S should no longer use N in H.
The roof of H lets in rain near N.
Q could not say when N had last been V.
A crack runs C paces along H and ends near N.
Work on H was begun by P and finished by S.
The beam above N was measured by Q and holds.
J was found in H and given to Q.
Access to H is from G, past R.
Damp has reached H but not R.
S were warned about R and N.
P measured N and Y V R.
The store at L holds K hooks, C ropes and J.
A lamp in H failed while Q V R.
N is sound, though R should be V again.
Samples from H were sent to Q at M with N.
The floor of H slopes towards G.
The fittings of H were replaced by S after W.
P signed for N, and Q for R.
At M, S had Y V N before the inspector saw H.
H is in good order, and S have V N.
The chimney of H smokes after W, according to Q.
C panes of H are broken, and P will replace them.
R was tested by P and Q and found to be safe.
Q showed P where S had V N.
The steps of H are worn, and N stands in the way.
S of L have U H since the last visit.
It took Q C hours to find N in H.
N, which P V, is missing from H.
The list for H names R, N and J.
P counted K tiles on H and C cracks below it.
"""

FRAMES: dict[str, tuple[str, ...]] = {
    "chronicle": tuple(_CHRONICLE.strip().split("\n")),
    "minutes": tuple(_MINUTES.strip().split("\n")),
    "letters": tuple(_LETTERS.strip().split("\n")),
    "inspection": tuple(_INSPECTION.strip().split("\n")),
}
