# SPDX-License-Identifier: Apache-2.0
"""Pre-shared secrets: what is computed with them, and bundles that need one."""
import hashlib

# The words are how valise carries a secret; this program knows nothing of them but these two examples.
SECRETS = [
    (hashlib.sha256(b"valise pre-shared secret 1").digest(),
     "olive paradox topaz jellyfish outfit quotation lobster rainforest jungle property otter javelin walrus vertebra "
     "orange engineer guitar pedestal flagpole slippery tractor computer spinach saxophone condor satellite haddock "
     "parakeet daisy dandelion furnace lavender blanket"),
    (hashlib.sha256(b"valise pre-shared secret 2").digest(),
     "skylark performer penguin internet lamplight albatross sausage customer tango annual daylight tapestry socket "
     "customer jigsaw limerick mustard custodian bramble buttermilk daisy octopus music carnival kayak gondola "
     "vineyard pacific kayak follower boulder cereal trombone"),
]
NONE = "0" * 16


def files():
    """Of the two secrets of alice and bob: words and hex."""
    out = {}
    for number, (secret, words) in enumerate(SECRETS, 1):
        out[f"keys/alice-bob.secret-{number}.hex"] = f"{secret.hex()}\n".encode()
        out[f"keys/alice-bob.secret-{number}.words"] = f"{words}\n".encode()
    return out


def keyed(secret, message):
    return hashlib.blake2b(message.encode(), key=secret, digest_size=32).digest()


def secret_id(secret):
    return hashlib.blake2b(secret, key=b"valise-1 secret id", digest_size=32).digest()[:8].hex()


def mix(key, secret, bundle, recipient):
    """Bundle key to slot key, and back."""
    return bytes(a ^ b for a, b in zip(key, keyed(secret, "valise-1 secret" + bundle + recipient)))


def vectors(book):
    good(book)
    bad(book)


def maker_with(book, name, secrets, **hooks):
    """secrets: person -> secret."""
    maker = book.maker(name, **hooks)
    maker.recipients, maker.secrets = list(secrets), {person.fpr: secret for person, secret in secrets.items()}
    return maker


def good(book):
    cast, (old, new) = book.cast, (secret for secret, _ in SECRETS)
    other = hashlib.sha256(b"of alice and grace").digest()
    book.good("good-secret-old", "With the first of two pre-shared secrets, still kept for reading.",
              maker_with(book, "good-secret-old", {cast.bob: old}))
    book.good("good-secret-new", "With the second of two pre-shared secrets.",
              maker_with(book, "good-secret-new", {cast.bob: new}))
    book.good("good-secret-two", "Two recipients with different pre-shared secrets; ours is the second slot.",
              maker_with(book, "good-secret-two", {cast.grace: other, cast.bob: old}))
    maker = maker_with(book, "good-secret-hidden", {cast.grace: other, cast.bob: new})
    maker.hidden = True
    book.good(maker.name, "Pre-shared secrets, and hidden recipients.", maker)


def bad(book):
    cast, (old, new) = book.cast, (secret for secret, _ in SECRETS)

    def one(name, what, error, slot_id, slot_key):
        """slot_key(maker) is what stands where the key belongs."""
        def text(whole, person):
            lines = whole.split("\n")
            return "\n".join(lines[:4] + [slot_id, slot_key(maker).hex(), ""])
        maker = book.maker(f"bad-secret-{name}", slot_text=text)
        book.bad(maker.name, what, "key" if error == "secret-unavailable" else "key-check", error, maker)
    stranger = hashlib.sha256(b"of nobody here").digest()
    mine = secret_id(old)
    one("not-here", "With a pre-shared secret that is not kept here.", "secret-unavailable", secret_id(stranger),
        lambda m: mix(m.key, stranger, m.id, cast.bob.fpr))
    one("wrong", "The id of one pre-shared secret, mixed with another.", "key-check", mine,
        lambda m: mix(m.key, new, m.id, cast.bob.fpr))
    one("not-mixed", "The id of a pre-shared secret, and the key as it is.", "key-check", mine, lambda m: m.key)
    one("not-named", "Mixed with a pre-shared secret that is not named.", "key-check", NONE,
        lambda m: mix(m.key, old, m.id, cast.bob.fpr))
    one("other-recipient", "Mixed as if for another recipient.", "key-check", mine,
        lambda m: mix(m.key, old, m.id, cast.grace.fpr))
    one("other-bundle", "Mixed as if for another bundle.", "key-check", mine,
        lambda m: mix(m.key, old, "9f1c2a34-0000-4000-8000-000000000000", cast.bob.fpr))
    one("no-prefix", "Mixed without the prefix.", "key-check", mine,
        lambda m: bytes(a ^ b for a, b in zip(m.key, keyed(old, m.id + cast.bob.fpr))))
