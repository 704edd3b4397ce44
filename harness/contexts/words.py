"""The vocabulary of the prose: plain, concrete, and free of anything a question could ask for.

Any adjective of a list goes with any noun of the list behind it, any verb of `HANDLED` with any thing and any verb of
`TENDED` with any building. Of every verb the past tense and the participle are the same word. No adjective and noun
that can meet are a pair that serves as a value.
"""

from __future__ import annotations

ADJECTIVES = """
ancient ash-grey battered beautiful bent black blackened bleached blue borrowed bright brittle broad broken brown carved
charred cheap chipped clean clumsy coarse costly cracked crooked curious curved damaged damp dark delicate dented dusty
dyed elegant engraved enormous expensive familiar famous fine flimsy foreign forgotten fragile frayed gaudy glazed
glittering green grey half-finished hand-made handsome heavy home-made humdrum immense imported inherited inlaid knotted
lacquered large leaden lightweight little long loose lopsided lost lovely magnificent marked massive mended missing
mottled mouldy mud-stained narrow neat new notched odd oiled old old-fashioned ordinary ornate oversized padded painted
pale patched peculiar pink plain polished precious priceless purple ragged red remarkable restored riveted rough round
rusted salt-worn scorched scratched second-hand shabby shiny silvery simple sleek slender small smoke-stained smooth
soiled solid sooty spare speckled splendid spotless spotted square squat stained stiff stolen stout straight strange
striped superb tarnished tarred tattered thick thin tidy tiny trusty twisted ugly unfinished unsold unusual unwanted
upright varnished warped washed waxed weathered well-made white wide wooden worn worthless yellow
""".split()

THINGS = """
almanac anchor anvil apron armchair axe banner barrel basin basket bassoon beacon beehive bell blanket bobbin bolster
bonnet bookcase bottle bowl box bracket brooch broom brush bucket buckle bugle cabinet cage candlestick canoe canvas
carpet cart casket cauldron chain chair chandelier chart chest chisel cistern clarinet clasp cloak clock coat coffer
collar compass cradle crate crossbow crown cup cupboard curtain cushion decanter desk dial diary drawer dresser drill
drum dulcimer easel engine engraving fiddle figurehead flag flagon flask flute flywheel fork frame furnace garland
gauge glass globe goblet gong grindstone guitar hammer hammock hamper handbell handcart harness harp harpsichord hat
hatchet helmet hinge hoe hook horn hourglass inkwell jacket jar jug kettle key kite knapsack knife ladder ladle lamp
lantern latch lathe ledger lens lever lock locket loom lute mallet mandolin mantle map mask mast mattress medal
microscope millstone mirror mitten mortar mosaic mould mug necklace net notebook oar oboe organ padlock pail
painting pan parasol parcel pedestal pendulum pestle petticoat piano picture pillow pipe pistol pitcher plank plate
plough portrait pot press printing-block prism pulley pump quilt quiver rack raft rake razor recorder register
ribbon ring rope rowing-boat rudder rug sack saddle sail samovar sampler satchel saucepan saw scabbard scale scarf
screen screw scroll sculpture scythe seal sextant shawl shield shovel shutter sickle sideboard sieve signet
silhouette sketch sled sledge slipper spade spectroscope spindle spinning-wheel spoon spyglass stamp
statue statuette stirrup stool stove strap strongbox sundial sword table tablecloth tankard tapestry teapot telescope
tent thimble throne tile tinderbox top-hat torch tray trellis tricycle trolley trombone trowel trumpet trunk
tureen turbine umbrella urn valve vase vest viola violin wagon wardrobe washboard weathervane wheel
wheelbarrow whistle winch windlass wreath yoke zither
""".split()

BUILDING_ADJECTIVES = """
abandoned ancient bare big bleak busy central cold cosy crowded damp dark deserted draughty dusty elegant empty former
gloomy grand grey half-finished handsome haunted high humble icy isolated ivy-covered large leaky little lonely long
low main modern modest mouldy narrow neglected new noisy north-facing old outer pleasant private public quiet ramshackle
rebuilt remote restored rickety roomy ruined sheltered shuttered silent slate-roofed small smoky south-facing spacious
square stately stone-built sturdy sunny tall thatched tidy tiled timbered tiny ugly unfinished vacant vast vaulted
walled warm white-washed wide windowless windy
""".split()

BUILDINGS = """
abbey almshouse apple-store archive armoury arsenal assembly-room bakehouse ballroom bank bark-house barn barracks
basilica bathhouse bell-tower boathouse boiler-room bookshop brewery brickworks bunkhouse carriage-house cellar chapel
cider-house clock-tower coach-house cookhouse corn-exchange cottage counting-house courthouse cowshed creamery
custom-house dairy dining-hall dormitory dovecote dyehouse engine-house exchange factory farmhouse fire-station forge
foundry gallery garrison gatehouse glasshouse granary greenhouse guardhouse guesthouse guildhall gymnasium hall hangar
hayloft herring-shed hospital hostel ice-house infirmary inn jam-factory kitchen laboratory laundry library
lifeboat-station lighthouse lock-house lodge lumber-room malt-house manor meeting-house mill mint monastery museum
music-room nursery observatory oil-store orangery outhouse pantry paper-mill parlour parsonage pavilion pigsty
post-office pottery powder-house printing-works priory pump-house reading-room refectory rope-house sail-loft sawmill
schoolhouse seed-store silk-mill smithy smokehouse stable station storehouse studio sugar-mill summer-house tannery
tavern theatre ticket-office tide-mill toll-house tower town-hall treasury vestry vicarage villa wagon-shed warehouse
wash-house watch-tower water-tower watermill weavers-hall windmill wine-cellar wool-exchange woolshed workshop
""".split()

GROUND_ADJECTIVES = """
barren bleak broad chalky clear crooked deep distant dry eastern familiar flooded frozen grassy green icy lonely long
low lower misty mossy muddy narrow nearby northern old open outer overgrown peaceful pleasant quiet reedy remote rocky
rough sandy secluded shady shallow sheltered silent sloping small southern steep stony sunken sunny unfenced upper
western wide wild windy winding wooded
""".split()

GROUNDS = """
avenue bay beach bluff bog brook canal cave cliff common copse cove creek crossroads dale deer-park ditch dyke
embankment estuary ferry-landing field fishpond footpath ford forest garden glade glen gorge grove gully harbour
headland heath hedgerow hill hillside hop-field inlet island lagoon lake lane lawn marsh millpond moor paddock park pass
pasture peninsula pier plain pond promontory quay ravine reservoir ridge river sandbank seawall shore sluice spinney
spring stream terrace thicket turnpike valley vineyard warren water-meadow waterfall weir well wharf wood
""".split()

GROUPS = """
accountants apprentices archers bakers bargemen beekeepers boatmen bricklayers builders buyers carpenters carters
clerks coopers couriers cousins dockers drivers dyers engineers farmers ferrymen fishermen foresters gardeners glaziers
guests guides harvesters herdsmen inspectors joiners judges keepers labourers lamplighters lodgers masons merchants
messengers millers miners musicians neighbours painters parishioners passengers pedlars pilots plumbers porters potters
printers pupils roofers ropemakers sailors saddlers scribes shepherds shopkeepers singers slaters smiths stewards
strangers students surveyors tailors tanners teachers tenants thatchers toll-keepers travellers turners visitors
wardens watchmen weavers wheelwrights widows woodcutters
""".split()

HANDLED = """
admired altered appraised bought brought carried catalogued claimed cleaned collected concealed copied covered
delivered demanded described designed displayed donated examined exchanged fetched found guarded handled
identified improved inherited inspected kept labelled lent lifted lost marked measured mended mentioned mislaid moved
noticed offered ordered owned packed photographed pledged polished praised promised protected purchased received
recognised recovered removed repaired replaced requested rescued restored retrieved returned salvaged selected sent
shipped sketched sold stored studied tested traded transported unpacked unwrapped used valued washed weighed
""".split()

TENDED = """
admired bought closed described examined extended guarded inherited inspected left measured neglected opened
painted photographed rebuilt reopened repaired restored searched sketched sold surveyed swept visited
""".split()

MANNERS = """
briefly carefully cheerfully cleverly discreetly eagerly fondly gently gladly hastily hurriedly kindly openly patiently
politely privately promptly proudly quickly quietly readily reluctantly secretly silently slowly solemnly suddenly
swiftly thoroughly warily willingly wisely
""".split()

MONTHS = "January February March April May June July August September October November December".split()

ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth
twenty-fifth twenty-sixth twenty-seventh twenty-eighth
""".split()

WEATHER = """
clear frost|cold winds|dry weather|fine drizzle|heavy snow|a late thaw|a long drought|heavy mist|mild evenings|
a rising tide|a short storm|a sudden gale|thick fog|warm rain|an early frost|strong breezes|bright sunshine|
driving rain|hail and sleet|sea fog|spring floods|steady rain|a cloudburst|a hard winter
""".replace("\n", "").split("|")
