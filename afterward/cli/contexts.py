"""context: what the other verbs talk to is added, chosen and looked at."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from afterward.cli.console import Failure, Json, out, plain_table, print_json, verb
from afterward.context import cluster, kept
from afterward.context.choosing import CONTEXT

context = typer.Typer(
    help="What the other verbs talk to: a stack on this machine, or a cluster. "
    f"--context NAME and {CONTEXT} choose another for once.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="its name")]


@context.command("add")
@verb
async def context_add(
    name: Name,
    file: Annotated[
        Path | None, typer.Option("--file", help="a cluster's addresses and credentials, in TOML; no secret itself")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="a stack that `afterward up` starts there")
    ] = None,
) -> None:
    """Keeps a cluster or a stack under a name; what had that name before is replaced."""
    if (file is None) == (data_dir is None):
        raise Failure("say --file CLUSTER.toml or --data-dir DIR, one of them")
    kept.save(kept.load().with_entry(name, _entry(file, data_dir)))
    out.print(f"added; `afterward context use {name}` makes it the one that verbs talk to", markup=False)


def _entry(file: Path | None, data_dir: Path | None) -> dict[str, Any]:
    if file is not None:
        return {kept.CLUSTER: cluster.read(file)}
    return {kept.DATA_DIR: str(Path(data_dir or kept.DEFAULT_DATA_DIR).absolute())}


@context.command("use")
@verb
async def context_use(name: Name) -> None:
    """From now on verbs talk to this one; `local` is the stack of the folder that one is in."""
    kept.save(kept.load().using(name))
    out.print(f"verbs talk to {name}", markup=False)


@context.command("list")
@verb
async def context_list(json_: Json = False) -> None:
    """All contexts; * marks the one in use."""
    contexts = kept.load()
    table = plain_table("", "context", "what it is")
    for name in contexts.names:
        is_used, what = name == contexts.current, _in_words(contexts.entry(name))
        if json_:
            print_json({"name": name, "in_use": is_used, "what": what})
        else:
            table.add_row("*" if is_used else "", escape(name), escape(what))
    if not json_:
        out.print(table)


@context.command("show")
@verb
async def context_show(
    name: Annotated[str | None, typer.Argument(help="its name; without one, the context in use")] = None,
    json_: Json = False,
) -> None:
    """What is kept of a context: addresses, and where tokens and certificates lie."""
    contexts = kept.load()
    shown = contexts.current if name is None else name
    entry = contexts.entry(shown)
    content = entry.get(kept.CLUSTER, entry)
    if json_:
        print_json({"name": shown, **content})
        return
    out.print(f"{shown}: {_in_words(entry)}", markup=False)
    for line in _lines(content):
        out.print(line, markup=False)


@context.command("remove")
@verb
async def context_remove(name: Name) -> None:
    """Forgets a context; nothing is done to what it names."""
    kept.save(kept.load().without(name))
    out.print(f"forgotten: {name}", markup=False)


def _in_words(entry: Any) -> str:
    if kept.DATA_DIR in entry:
        return f"the stack in {entry[kept.DATA_DIR]}"
    services = entry[kept.CLUSTER]["services"]
    replicas = sum(len(urls) for urls in services.values())
    return f"a cluster of {len(services)} services at {replicas} addresses"


def _lines(content: Any) -> list[str]:
    """As a cluster's file says it."""
    plain = [f"{name} = {value}" for name, value in content.items() if not isinstance(value, dict)]
    for section, values in content.items():
        if isinstance(values, dict):
            plain += [f"[{section}]", *(f"{name} = {_shown(value)}" for name, value in values.items())]
    return plain


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
