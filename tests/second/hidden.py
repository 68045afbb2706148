# SPDX-License-Identifier: Apache-2.0
"""Hidden recipients: what waybill, slots and manifest must then say, and not say."""
import slots


def vectors(book):
    good(book)
    bad_slots(book)
    bad_lists(book)


def hidden(book, name, people, **hooks):
    maker = book.maker(name, **hooks)
    maker.recipients, maker.hidden = people, True
    return maker


def good(book):
    cast = book.cast
    maker = hidden(book, "good-hidden-alone", [cast.bob])
    book.good(maker.name, "One recipient, hidden.", maker)
    maker = hidden(book, "good-hidden-last", [cast.mallory, cast.grace, cast.dave, cast.carol, cast.bob])
    book.good(maker.name, "Five hidden recipients, one with an RSA key; ours is the last slot.", maker)


def bad_slots(book):
    cast = book.cast
    two = [cast.bob, cast.mallory]

    def named(made, maker):
        text = maker.slot_text(cast.mallory).encode()
        return [made[0], slots.encrypt(cast.mallory.encryption, text, maker.generator)]
    maker = hidden(book, "bad-hidden-one-named", two, slots=named)
    book.bad(maker.name, "Hidden, and our slot is good; but another names its key.", "key", "slot", maker, "slot")
    maker = hidden(book, "bad-hidden-tampered", two, slots=lambda made, _: [flip_last(made[0]), made[1]])
    book.bad(maker.name, "Hidden; our slot opens, and what is in it was changed.", "key", "slot", maker)
    maker = hidden(book, "bad-hidden-other-bundle", two,
                   slot_text=lambda text, _: text.replace(text.split("\n")[1], "9f1c2a34-0000-4000-8000-000000000000"))
    book.bad(maker.name, "Hidden; our slot belongs to another bundle.", "key", "slot", maker)


def flip_last(slot):
    return slot[:-1] + bytes([slot[-1] ^ 1])


def bad_lists(book):
    cast = book.cast

    def bad(name, what, recipients, people=None, **hooks):
        people = people or [cast.bob, cast.mallory]

        def manifest(fields):
            return [(k, sorted(p.fpr for p in recipients) if k == "recipients" else v) for k, v in fields]
        maker = hidden(book, f"bad-hidden-{name}", people, manifest=manifest, **hooks)
        book.bad(maker.name, what, "manifest", "manifest", maker)
    bad("list-none", "Hidden, and the manifest names nobody either.", [])
    bad("list-without-us", "Hidden; the manifest names others alone, though a slot is ours.", [cast.grace, cast.mallory])
    bad("list-fewer", "Hidden; the manifest names one recipient where there are two slots.", [cast.bob])
    bad("list-more", "Hidden; the manifest names three recipients where there are two slots.",
        [cast.bob, cast.grace, cast.mallory])
