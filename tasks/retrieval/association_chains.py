"""What belongs to what: the common knowledge that `retrieval.latent` builds on, as tables of text.

A line is a chain: what a sentence names, then what it leads to in one hop, in two, in three (`the Eiffel Tower`,
`Paris`, `France`, `Europe`). Only what most adults know and nobody disputes stands here. No word of what a sentence
names stands in what it leads to.
"""

from __future__ import annotations

LANDMARK = """
the Eiffel Tower | Paris | France | Europe
the Louvre | Paris | France | Europe
the Arc de Triomphe | Paris | France | Europe
the Moulin Rouge | Paris | France | Europe
the Promenade des Anglais | Nice | France | Europe
Big Ben | London | England | Europe
Buckingham Palace | London | England | Europe
Trafalgar Square | London | England | Europe
the Royal Mile | Edinburgh | Scotland | Europe
the Colosseum | Rome | Italy | Europe
the Trevi Fountain | Rome | Italy | Europe
the Rialto Bridge | Venice | Italy | Europe
the Ponte Vecchio | Florence | Italy | Europe
La Scala | Milan | Italy | Europe
the Brandenburg Gate | Berlin | Germany | Europe
Checkpoint Charlie | Berlin | Germany | Europe
the Reeperbahn | Hamburg | Germany | Europe
the Acropolis | Athens | Greece | Europe
the Sagrada Familia | Barcelona | Spain | Europe
the Alhambra | Granada | Spain | Europe
the Prado | Madrid | Spain | Europe
the Atomium | Brussels | Belgium | Europe
the Rijksmuseum | Amsterdam | the Netherlands | Europe
the Tivoli Gardens | Copenhagen | Denmark | Europe
the Vasa Museum | Stockholm | Sweden | Europe
the Charles Bridge | Prague | the Czech Republic | Europe
Schönbrunn Palace | Vienna | Austria | Europe
the Fisherman's Bastion | Budapest | Hungary | Europe
the Ha'penny Bridge | Dublin | Ireland | Europe
the Belém Tower | Lisbon | Portugal | Europe
the Hagia Sophia | Istanbul | Turkey
the Kremlin | Moscow | Russia
the Bolshoi Theatre | Moscow | Russia
the Winter Palace | Saint Petersburg | Russia
the Statue of Liberty | New York | the United States | North America
Times Square | New York | the United States | North America
the Golden Gate Bridge | San Francisco | the United States | North America
the Lincoln Memorial | Washington | the United States | North America
the Space Needle | Seattle | the United States | North America
the CN Tower | Toronto | Canada | North America
Sugarloaf Mountain | Rio de Janeiro | Brazil | South America
Copacabana Beach | Rio de Janeiro | Brazil | South America
the Forbidden City | Beijing | China | Asia
the Bund | Shanghai | China | Asia
the Taj Mahal | Agra | India | Asia
the Red Fort | Delhi | India | Asia
the Petronas Towers | Kuala Lumpur | Malaysia | Asia
the Burj Khalifa | Dubai | the United Arab Emirates | Asia
Shibuya Crossing | Tokyo | Japan | Asia
the Fushimi Inari shrine | Kyoto | Japan | Asia
Bondi Beach | Sydney | Australia
Table Mountain | Cape Town | South Africa | Africa
the Great Sphinx | Giza | Egypt | Africa
"""

BOOK = """
Hamlet | Shakespeare | England | Europe
Macbeth | Shakespeare | England | Europe
Oliver Twist | Dickens | England | Europe
Pride and Prejudice | Austen | England | Europe
Frankenstein | Mary Shelley | England | Europe
Treasure Island | Stevenson | Scotland | Europe
Don Quixote | Cervantes | Spain | Europe
War and Peace | Tolstoy | Russia
Anna Karenina | Tolstoy | Russia
Crime and Punishment | Dostoevsky | Russia
The Divine Comedy | Dante | Italy | Europe
Pinocchio | Collodi | Italy | Europe
Les Misérables | Victor Hugo | France | Europe
The Three Musketeers | Dumas | France | Europe
Candide | Voltaire | France | Europe
Faust | Goethe | Germany | Europe
the Odyssey | Homer | Greece | Europe
A Doll's House | Ibsen | Norway | Europe
Ulysses | Joyce | Ireland | Europe
Gulliver's Travels | Swift | Ireland | Europe
Pippi Longstocking | Lindgren | Sweden | Europe
The Ugly Duckling | Andersen | Denmark | Europe
Moby-Dick | Melville | the United States | North America
Tom Sawyer | Mark Twain | the United States | North America
One Hundred Years of Solitude | García Márquez | Colombia | South America
"""

MUSIC = """
The Magic Flute | Mozart | Austria | Europe
The Blue Danube | Strauss | Austria | Europe
the Four Seasons | Vivaldi | Italy | Europe
Aida | Verdi | Italy | Europe
La Traviata | Verdi | Italy | Europe
The Barber of Seville | Rossini | Italy | Europe
Madame Butterfly | Puccini | Italy | Europe
Swan Lake | Tchaikovsky | Russia
The Nutcracker | Tchaikovsky | Russia
The Rite of Spring | Stravinsky | Russia
Peer Gynt | Grieg | Norway | Europe
Carmen | Bizet | France | Europe
Boléro | Ravel | France | Europe
the Moonlight Sonata | Beethoven | Germany | Europe
the Brandenburg Concertos | Bach | Germany | Europe
the New World Symphony | Dvořák | the Czech Republic | Europe
Rhapsody in Blue | Gershwin | the United States | North America
"""

PAINTING = """
the Mona Lisa | Leonardo da Vinci | Italy | Europe
The Last Supper | Leonardo da Vinci | Italy | Europe
The Birth of Venus | Botticelli | Italy | Europe
Guernica | Picasso | Spain | Europe
The Persistence of Memory | Dalí | Spain | Europe
Las Meninas | Velázquez | Spain | Europe
The Night Watch | Rembrandt | the Netherlands | Europe
The Starry Night | van Gogh | the Netherlands | Europe
Girl with a Pearl Earring | Vermeer | the Netherlands | Europe
The Scream | Munch | Norway | Europe
The Water Lilies | Monet | France | Europe
The Hay Wain | Constable | England | Europe
Nighthawks | Hopper | the United States | North America
The Great Wave | Hokusai | Japan | Asia
"""

DISH = """
sushi | Japan | Asia
tempura | Japan | Asia
kimchi | Korea | Asia
bibimbap | Korea | Asia
biryani | India | Asia
pho | Vietnam | Asia
tom yum | Thailand | Asia
nasi goreng | Indonesia | Asia
paella | Spain | Europe
gazpacho | Spain | Europe
goulash | Hungary | Europe
pierogi | Poland | Europe
moussaka | Greece | Europe
souvlaki | Greece | Europe
haggis | Scotland | Europe
lasagne | Italy | Europe
risotto | Italy | Europe
bouillabaisse | France | Europe
ratatouille | France | Europe
sauerbraten | Germany | Europe
pastéis de nata | Portugal | Europe
poutine | Canada | North America
burritos | Mexico | North America
ceviche | Peru | South America
injera | Ethiopia | Africa
"""

FOOD = """
guacamole | avocados | fruit
marmalade | oranges | fruit
cider | apples | fruit
hummus | chickpeas | pulses
tofu | soya beans | pulses
sauerkraut | cabbage
polenta | maize | grain
porridge | oats | grain
pumpernickel | rye | grain
marzipan | almonds | nuts
mozzarella | milk
"""

ANIMAL = """
a Labrador | a dog | a mammal | a vertebrate
a dachshund | a dog | a mammal | a vertebrate
a poodle | a dog | a mammal | a vertebrate
a chihuahua | a dog | a mammal | a vertebrate
a Siamese | a cat | a mammal | a vertebrate
a Maine Coon | a cat | a mammal | a vertebrate
a Clydesdale | a horse | a mammal | a vertebrate
a Lipizzaner | a horse | a mammal | a vertebrate
a merino | a sheep | a mammal | a vertebrate
a macaw | a parrot | a bird | a vertebrate
a cockatoo | a parrot | a bird | a vertebrate
a mallard | a duck | a bird | a vertebrate
a cobra | a snake | a reptile | a vertebrate
a python | a snake | a reptile | a vertebrate
an iguana | a lizard | a reptile | a vertebrate
a gecko | a lizard | a reptile | a vertebrate
a chameleon | a lizard | a reptile | a vertebrate
an axolotl | a salamander | an amphibian | a vertebrate
a koi | a carp | a fish | a vertebrate
a tarantula | a spider | an arachnid | an arthropod
"""

SYMBOL = """
Au | gold | the precious metals
Ag | silver | the precious metals
Na | sodium | the alkali metals
K | potassium | the alkali metals
Fe | iron
Hg | mercury
Sn | tin
Cu | copper
W | tungsten
"""

TOOL = """
a stethoscope | a doctor | medicine
a scalpel | a surgeon | medicine
a gavel | a judge | the law
an anvil | a blacksmith | metalwork
a chalkboard | a teacher | education
a cleaver | a butcher | food preparation
a rolling pin | a baker | food preparation
a loom | a weaver | the textile business
a plough | a farmer | agriculture
an easel | an artist
a kiln | a potter
a sextant | a navigator
a lasso | a cowboy | agriculture
"""

INSTRUMENT = """
the oboe | a woodwind instrument | a wind instrument
the clarinet | a woodwind instrument | a wind instrument
the bassoon | a woodwind instrument | a wind instrument
the trumpet | a brass instrument | a wind instrument
the trombone | a brass instrument | a wind instrument
the tuba | a brass instrument | a wind instrument
the violin | a string instrument
the cello | a string instrument
the viola | a string instrument
the xylophone | a percussion instrument
the kettledrum | a percussion instrument
"""

FABRIC = """
tweed | sheep | an animal
cashmere | goats | an animal
silk | silkworm cocoons | an animal
linen | flax | a plant
denim | cotton | a plant
corduroy | cotton | a plant
hessian | jute | a plant
"""

SPORT = """
a shuttlecock | badminton | a racket sport
a puck | ice hockey | a winter sport
a ski pole | the slalom | a winter sport
a foil | fencing | a combat sport
a spinnaker | sailing | a water sport
a pair of oars | rowing | a water sport
a quiver of arrows | archery
a javelin | athletics
a putter | golf
a scrum cap | rugby
"""

CURRENCY = """
yen | Japan | Asia
yuan | China | Asia
baht | Thailand | Asia
ringgit | Malaysia | Asia
rupiah | Indonesia | Asia
zlotys | Poland | Europe
forints | Hungary | Europe
kronor | Sweden | Europe
hryvnias | Ukraine | Europe
rand | South Africa | Africa
naira | Nigeria | Africa
birr | Ethiopia | Africa
reais | Brazil | South America
"""
