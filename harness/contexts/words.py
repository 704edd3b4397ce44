"""The vocabulary of the prose: plain, concrete, and free of anything a question could ask for."""

from __future__ import annotations

ADJECTIVES = """
amber ancient arched ash-grey battered bent blackened bleached blue blunt brass brick bright brittle broad broken bronze
brown carved cast-iron chalky charred cheap chipped clean cloudy coarse cold copper cracked cramped creased crooked
curved damp dark deep dented dim double dry dull dusty early eastern empty enamelled even faded faint fine flat folded
forgotten frayed freshly-cut frosted full gilded glass granite grassy green grey half-finished hand-made hanging hard
heavy hidden high hollow horned idle inner iron ivory knotted lacquered large late leaden leather light limestone little
lofty lonely long loose low marble marked massive mended modest mossy mud-stained muffled narrow neat new northern
notched oak oblong odd oiled old open outer oval padded painted pale patched patient peeling pewter pine plain plaster
pointed polished porous private public quiet ragged raised red reed restored rough round rusted sagging salt-worn sandy
scorched scratched sealed second secluded separate shallow sharp shuttered silent silver simple slate sleek slender
sloping small smoky smooth soft sooty southern spare square stained steep stiff stone stout straight striped sturdy
sunken tall tarred tattered temporary thick thin tidy tiled timber tin upper upright varnished vaulted velvet walled
warm warped washed waxed weathered well-kept western white wide willow winding wooden woollen worn woven yellow
""".split()

NOUNS = """
abbey account almanac alley altar anchor anvil apple apron arbour arch archive atlas attic awning axle balcony bale
bandage banner barge barn barrel basin basket beacon beam bell bellows bench blanket boat bobbin boiler bolt bonnet book
boot border bottle boundary bowl box bracket branch bridge broom bucket buckle button cabin cabinet cable candle cannon
canal canvas cape card carpet cart cask cellar chain chair chamber chapel chart chest chimney chisel cistern claim cloak
clock cloth clover coach coal coat coin collar column compass contract copper copse cord corner cottage courtyard cradle
crane crate crop crossing crown cup cupboard curtain cushion dairy dam deed desk dial ditch dock door dormitory drain
drawer dresser dyke easel edge elm embankment engine engraving estate farm feather fence fern ferry field fiddle file
fireplace flag flask floor flour flute foundry fountain frame furnace gable gallery garden garland gate gauge glove
goblet granary grate grindstone grove gutter hall hammer harbour harness harvest hat hayloft hearth hedge hinge hive
hook hoop horn house inkwell inn inventory islet jar jetty jug kennel kettle key kiln kitchen knapsack knife ladder lamp
landing lane lantern latch lathe lawn ledger lens letter lever library lighthouse lintel lock locker lodge loft loom
machine mallet manor mantle map market mast meadow measure mill millstone mirror mitten moat monument mortar mosaic
museum nail needle net notebook novel nursery oar oven orchard organ outhouse packet pail painting palisade panel
parapet parcel parlour parsonage passage pasture path pavement pavilion pebble pedestal pen pendulum petition pew
picture pier pigeon pillar pillow pipe pipette plank plate plough pocket pole pond porch portrait post pot prism
promontory pulley pump quarry quay quilt rack raft rail rake ramp reel register reservoir ribbon ridge ring river road
rod roof room rope rudder rug sack saddle sail saw scaffold scale school scroll sculpture seal seat seed shawl shed
shelf shell shield ship shop shovel shutter sickle sieve signal sketch slab sleeve sluice smithy spade spindle spire
spoon spring stable staircase stall station statue steeple step stile stool store stove strap stream street studio
sundial survey table tablet tank tapestry tavern telescope tent terrace thimble thread threshold throne tile tin toll
torch tower track trail tray trellis trench trough trowel trunk tunnel turbine valley valve vase vat vault vessel vine
violin wagon wall wardrobe warehouse watch watermill weir well wharf wheel whistle wicket window winch workshop wreath
yard yoke
""".split()

PLURALS = """
accountants apprentices archers bakers bargemen beekeepers boatmen bricklayers builders buyers carpenters carters
clerks coopers couriers cousins dockers drivers dyers engineers farmers ferrymen fishermen foresters gardeners glaziers
guests guides harvesters herdsmen inspectors joiners judges keepers labourers lamplighters lodgers masons merchants
messengers millers miners musicians neighbours painters parishioners passengers pedlars pilots plumbers porters potters
printers pupils roofers ropemakers sailors saddlers scribes shepherds shopkeepers singers slaters smiths stewards
strangers students surveyors tailors tanners teachers tenants thatchers toll-keepers travellers turners visitors
wardens watchmen weavers wheelwrights widows woodcutters
""".split()

VERBS = """
admired altered appraised borrowed bought brought built carried catalogued claimed cleaned closed collected
copied counted covered crossed delivered described designed discovered divided donated emptied entered examined
exchanged fetched filled finished found gathered guarded handed hired hung inherited inspected kept labelled left
lent levelled lifted loaded locked lowered marked measured mended mentioned moved noticed offered opened ordered packed
painted photographed planned pledged praised prepared presented promised protected pulled purchased raised rebuilt
received recorded refused remembered removed rented repaired replaced requested restored returned reviewed scrubbed
searched secured selected sent shared shut sketched sold sorted stacked stored studied surveyed swept traced
traded transferred tried unlocked unpacked valued visited washed watched weighed
""".split()

ADVERBS = """
again|alone|already|at length|briefly|carefully|cheerfully|earnestly|eagerly|evenly|firmly|gently|gladly|gradually|
hastily|honestly|in silence|in turn|neatly|once more|openly|patiently|plainly|politely|privately|promptly|quickly|
quietly|readily|reluctantly|silently|slowly|steadily|thoroughly|twice|warily|willingly|without hurry
""".replace("\n", "").split("|")

MONTHS = "January February March April May June July August September October November December".split()

ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth
twenty-fifth twenty-sixth twenty-seventh twenty-eighth
""".split()

WEATHER = """
a clear frost|a cold wind|a dry spell|a fine drizzle|a heavy fall of snow|a late thaw|a long drought|a low mist|
a mild evening|a pale sun|a rising tide|a short storm|a sudden gale|a thick fog|a warm rain|an early frost|
an even breeze|bright sunshine|driving rain|hail and sleet|light cloud|spring floods|steady rain|thunder in the hills
""".replace("\n", "").split("|")
