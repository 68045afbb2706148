# SPDX-License-Identifier: Apache-2.0
"""The YAML that writers of bundles write, and no more: `key: value` lines, `- value` lines, flow lists, quoted strings,
and mappings that are JSON."""
import json
import re

ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
           " ": " ",
           '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
TOKEN = re.compile(r'\s*(?:([\[\],])|"((?:[^"\\]|\\.)*)"|\'((?:[^\']|\'\')*)\'|([^\s,\[\]]+))', re.DOTALL)
ESCAPE = re.compile(r"\\(?:x(..)|u(....)|U(........)|(.))", re.DOTALL)


def unescape(text):
    def one(found):
        code = found.group(1) or found.group(2) or found.group(3)
        return chr(int(code, 16)) if code else ESCAPES[found.group(4)]
    return ESCAPE.sub(one, text)


def mapping(text):
    def once(pairs):
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError(f"a key stands twice in {text!r}")
        return dict(pairs)
    return json.loads(text, object_pairs_hook=once)


def value(text):
    """One flow value: a list, a string, a number, or a mapping."""
    if text.startswith("{"):
        return mapping(text)
    stack, at = [[]], 0
    for found in TOKEN.finditer(text.strip()):
        if found.start() != at:
            raise ValueError(f"cannot read {text!r}")
        mark, double, single, bare = found.groups()
        at = found.end()
        if mark == "[":
            stack.append([])
        elif mark == "]":
            stack[-2].append(stack.pop())
        elif mark is None:
            stack[-1].append(unescape(double) if double is not None else single.replace("''", "'")
                             if single is not None
                             else int(bare) if re.fullmatch(r"-?\d+", bare) else bare)
    if at != len(text.strip()) or len(stack) != 1 or len(stack[0]) != 1:
        raise ValueError(f"cannot read {text!r}")
    return stack[0][0]


def load(data, kind):
    """The document as a dict; its first line must be kind."""
    text = data.decode("utf-8")
    if not text.startswith(kind + "\n"):
        raise ValueError(f"not a {kind}")
    out, items = {}, None
    for line in text.split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        if line.lstrip().startswith("- ") and items is not None:
            items.append(value(line.lstrip()[2:]))
            continue
        key, _, rest = line.partition(":")
        if key in out:
            raise ValueError(f"{key} stands there twice")
        items = None if rest.strip() else []
        out[key] = items if items is not None else value(rest)
    return out
