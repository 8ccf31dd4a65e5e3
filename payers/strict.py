"""Strict reading of TOML tables: whatever a model refuses, said in plain words with its dotted key."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from payers.errors import ConfigError

TYPE_NAMES = {"string": "text", "integer": "a whole number", "boolean": "true or false", "array": "a list", "number": "a number"}

Problem = tuple[str, str]
"""A dotted key ("" for the file as a whole) and what is wrong with it or should be there."""


def parse_toml(content: bytes, file: str) -> dict[str, Any]:
    """The tables of a TOML file. Raises ConfigError with the line where it is not TOML, or the byte where it is not UTF-8."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(file, (("", f"is not UTF-8 text (at byte {error.start})"),)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, (("", f"is not TOML: {error}"),)) from error


def list_problems(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Every problem that `model` found, never with the value itself: it may be a password in the wrong place."""
    schema = model.model_json_schema()
    details = error.errors(include_url=False, include_input=False, include_context=False)
    # What is wrong within a table or list is said where it is wrong, not of the whole as well.
    above = {detail["loc"][:length] for detail in details for length in range(1, len(detail["loc"]))}
    return [
        (name_key(detail["loc"]), _explain(detail["type"], detail["loc"], schema))
        for detail in details
        if detail["loc"] not in above
    ]


def name_key(location: Iterable[int | str]) -> str:
    """The dotted key of a location: ("sftp", "host_keys", 0) is sftp.host_keys[0]."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def explain_unknown_key(key: str, known: Sequence[str]) -> str:
    """What to say of a key that nobody reads: the key it is probably meant to be, or all there are."""
    close = get_close_matches(key.lower(), known, n=1, cutoff=0.6)
    return f"unknown key; did you mean {close[0]}?" if close else f"unknown key; the keys here are {', '.join(known)}"


def describe_expected(schema: Mapping[str, Any]) -> str:
    """What a key should be, in one phrase: its form, what it is for, and an example where there is one."""
    text = describe_form(schema)
    if "description" in schema:
        text += f" ({schema['description']})"
    examples = schema.get("examples", ())
    return text + (f", such as {show_value(examples[0])}" if examples else "")


def describe_form(schema: Mapping[str, Any]) -> str:
    """The form of a key's values: "a whole number, 1 to 65535"; "T or P"; "a list of text"."""
    if "anyOf" in schema:
        form = next(option for option in schema["anyOf"] if option.get("type") != "null")
        return describe_form(form) + (', or "never"' if form.get("type") == "integer" else "")
    if "enum" in schema:
        return " or ".join(str(value) or '""' for value in schema["enum"])
    if "additionalProperties" in schema and "properties" not in schema:
        return f"a table of fields, each with {describe_form(schema['additionalProperties'])}"
    if "$ref" in schema or schema.get("type") == "object":
        return "a table"
    if schema.get("type") == "array" and "$ref" in schema["items"]:
        return "a list of tables"
    if schema.get("type") == "array" and "enum" in schema["items"]:
        return f"a list of {describe_form(schema['items'])}" + (", at least one" if schema.get("minItems") else "")
    if schema.get("type") == "array":
        return f"a list of {TYPE_NAMES[schema['items']['type']]}" + (", at least one" if schema.get("minItems") else "")
    return TYPE_NAMES[schema["type"]] + _describe_range(schema) + (f", {schema['form']}" if "form" in schema else "")


def show_value(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}'" if "\\" in value else f'"{value}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(show_value(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_show_key(key)} = {show_value(item)}' for key, item in value.items())} }}" if value else "{}"
    return str(value)


def _show_key(key: str) -> str:
    return key if key.replace("_", "").isalnum() else f'"{key}"'


def find_schema(schema: Mapping[str, Any], location: Iterable[int | str]) -> Mapping[str, Any]:
    """The part of a model's JSON schema that speaks of `location`; the description stands even where the form is shared."""
    here = schema
    for part in location:
        if isinstance(part, int):
            here = here["items"]
            continue
        table = find_table(here, schema)
        here = table["properties"][part] if "properties" in table else table["additionalProperties"]
    return here


def list_keys(schema: Mapping[str, Any], location: Iterable[int | str]) -> list[str]:
    """The keys of the table at `location`."""
    return list(find_table(find_schema(schema, location), schema)["properties"])


def _explain(kind: str, location: tuple[int | str, ...], schema: Mapping[str, Any]) -> str:
    if kind == "extra_forbidden":
        return explain_unknown_key(str(location[-1]), list_keys(schema, location[:-1]))
    expected = describe_expected(find_schema(schema, location))
    return f"is missing; should be {expected}" if kind == "missing" else f"should be {expected}"


def find_table(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The table that a key holds, optional or not, or each table of its list; `part` itself where it holds none."""
    for option in (part, *part.get("anyOf", ()), *part.get("allOf", ()), *_items(part)):
        if "$ref" in option:
            found: Mapping[str, Any] = schema["$defs"][option["$ref"].rpartition("/")[2]]
            return found
    return part


def _items(part: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    return (part["items"],) if part.get("type") == "array" else ()


def _describe_range(schema: Mapping[str, Any]) -> str:
    for least, most, unit in (("minimum", "maximum", ""), ("minLength", "maxLength", " characters")):
        if least in schema and most in schema:
            return f", {schema[least]} to {schema[most]}{unit}"
    if "minimum" in schema:
        return f", at least {schema['minimum']}"
    if "maxLength" in schema:
        return f", at most {schema['maxLength']} characters"
    return ", not empty" if "minLength" in schema else ""
