/* SPDX-License-Identifier: Apache-2.0 */
/* The 256 words of two and the 256 of three syllables. They are chosen for valise, from nothing but the language: a few
 * hundred plain words were written down, and those dropped that came closest to another in sound or in letters. Names
 * of people, weapons, illness, faith and politics are left out, and words that are spelt in two ways. Never change
 * them: what is on paper must stay readable. */
#include "base/words_list.h"

#include <stddef.h>

/* clang-format off */
const char *const words_list[2][WORDS_IN_LIST + 1] = {
	{ /* two syllables, at even places */
	"album", "apron", "atlas", "attic", "autumn", "bison", "blanket", "blizzard", "bobbin", "bonfire", "boulder",
	"bramble", "breakfast", "bridle", "broker", "cabbage", "cactus", "campfire", "chapter", "cherry", "chimney",
	"climate", "clover", "coastline", "cobalt", "cobweb", "coffee", "compass", "concert", "condor", "corkscrew",
	"cosmos", "cricket", "crossbow", "crystal", "cushion", "daisy", "dancer", "daylight", "denim", "desert",
	"diamond", "dolphin", "donkey", "doorbell", "dragon", "drizzle", "dumpling", "dungeon", "eagle", "eggplant",
	"ember", "engine", "fabric", "falcon", "feather", "fiddle", "finger", "fishing", "flagpole", "flipper",
	"fluid", "football", "forest", "fountain", "freckle", "frosting", "furnace", "gadget", "gallop", "garden",
	"garlic", "garment", "gateway", "gazelle", "gecko", "geyser", "giant", "glacier", "goblet", "goldfish",
	"gravy", "griffin", "guitar", "haddock", "halo", "hamster", "harvest", "headlight", "hedgehog", "helmet",
	"herring", "hilltop", "hornet", "horseshoe", "igloo", "inkwell", "insect", "jaguar", "jasmine", "jigsaw",
	"journal", "jumbo", "jungle", "kayak", "keyboard", "kingdom", "knapsack", "label", "lagoon", "lamplight",
	"lantern", "laptop", "lilac", "linen", "lobster", "lodging", "lotus", "lunar", "magnet", "magpie", "mammoth",
	"mantle", "mascot", "midnight", "mildew", "mirror", "monsoon", "moonlight", "muffin", "mushroom", "music",
	"mustard", "napkin", "nephew", "notebook", "nutmeg", "nylon", "olive", "onion", "orange", "orbit", "orchard",
	"organ", "otter", "outfit", "pancake", "panda", "paper", "parade", "parsley", "pasture", "patchwork",
	"peacock", "peanut", "penguin", "perfume", "pewter", "picnic", "pigeon", "pilot", "pixel", "plastic",
	"platform", "plumber", "poem", "poncho", "popcorn", "prairie", "pretzel", "princess", "pudding", "pumpkin",
	"puppet", "puzzle", "quartet", "radar", "radish", "rainbow", "raisin", "ravine", "rosebud", "rugby",
	"saffron", "sandwich", "sausage", "scarecrow", "scarlet", "scooter", "sculptor", "seagull", "seaweed",
	"sequin", "shadow", "sheepskin", "shelter", "shovel", "signal", "silver", "skylark", "snowflake", "socket",
	"sparrow", "spider", "spinach", "sponsor", "spoonful", "stadium", "stallion", "starfish", "statue",
	"steamboat", "stencil", "stirrup", "stopwatch", "subway", "sugar", "sunset", "surfer", "swallow", "swimmer",
	"tadpole", "talent", "tango", "tavern", "teapot", "textbook", "thimble", "thunder", "topaz", "toucan",
	"towel", "tractor", "trapeze", "treasure", "trolley", "trombone", "trumpet", "tugboat", "tulip", "tundra",
	"turkey", "twilight", "valley", "vineyard", "violet", "voyage", "waffle", "walrus", "wardrobe", "webcam",
	"whisper", "workshop", "zebra", "zenith", "zigzag",
	NULL },
	{ /* three syllables, at odd places */
	"abacus", "accordion", "adventure", "advocate", "afternoon", "agency", "albatross", "alfalfa", "alphabet",
	"amateur", "ambulance", "amethyst", "ancestor", "annual", "apartment", "apricot", "aquarium", "architect",
	"artichoke", "assembly", "astronaut", "atmosphere", "attendant", "aurora", "badminton", "balcony", "barbecue",
	"bonanza", "broccoli", "bumblebee", "buttermilk", "cabinet", "candidate", "cardigan", "carnival", "carousel",
	"carpenter", "cereal", "chandelier", "charity", "chemistry", "chimpanzee", "coconut", "company", "computer",
	"concerto", "continent", "corduroy", "cormorant", "corridor", "cranberry", "crescendo", "crocodile",
	"crossover", "cucumber", "cumulus", "curator", "custodian", "customer", "cylinder", "daffodil", "dandelion",
	"decibel", "delegate", "deputy", "detective", "diary", "dinosaur", "diploma", "director", "document",
	"dominion", "dragonfly", "dramatic", "editor", "electric", "elephant", "emperor", "engineer", "envelope",
	"equator", "evergreen", "example", "exercise", "explorer", "fabulous", "family", "fantasy", "festival",
	"flamenco", "follower", "forgetful", "foundation", "frequency", "galaxy", "general", "genius", "geranium",
	"gondola", "governor", "graduate", "gravity", "gymnasium", "handyman", "happiness", "hibiscus", "hideaway",
	"history", "honesty", "honeycomb", "horizon", "hospital", "hurricane", "hydrogen", "illusion", "indigo",
	"industry", "instrument", "internet", "jamboree", "javelin", "jellyfish", "journalist", "justify", "kangaroo",
	"kilowatt", "ladybird", "lavender", "library", "limerick", "lollipop", "longitude", "lullaby", "magical",
	"magnetic", "majesty", "manuscript", "marathon", "marigold", "marmalade", "maximum", "medallion", "melody",
	"mercury", "metronome", "microscope", "moccasin", "molasses", "molecule", "momentum", "mosquito", "motorbike",
	"mulberry", "newspaper", "nutrition", "obelisk", "octopus", "operate", "optical", "orchestra", "organic",
	"oxygen", "pacific", "pagoda", "paprika", "paradox", "parakeet", "passenger", "patio", "pedestal", "pentagon",
	"peppermint", "performer", "photograph", "pineapple", "plentiful", "pollinate", "polygon", "porcupine",
	"principal", "projector", "property", "protocol", "provider", "publisher", "pyramid", "quantity", "quotation",
	"rainforest", "recycle", "regular", "relative", "reporter", "rhapsody", "rosemary", "saddlebag", "sandpaper",
	"satellite", "saxophone", "secretary", "seminar", "sequoia", "serenade", "settlement", "shopkeeper", "siesta",
	"signature", "skeleton", "skydiver", "slippery", "solitude", "sombrero", "somersault", "spaghetti", "spatula",
	"spectacle", "strawberry", "submarine", "sunflower", "supervise", "sycamore", "tabletop", "tangerine",
	"tapestry", "telegram", "thermostat", "tobacco", "together", "tornado", "tournament", "trampoline",
	"transistor", "treasurer", "triangle", "trilogy", "tsunami", "universe", "utensil", "vacation", "valentine",
	"veranda", "vertebra", "vinegar", "vitamin", "voyager", "warranty", "watercress", "wayfarer", "wilderness",
	"wonderful", "woodpecker", "xylophone", "yesterday", "zeppelin", "zodiac", "zucchini",
	NULL },
};
