"""An import-linter contract that names what may be imported, where the built-in ones name what may not.

A list of what is forbidden forgets the library of tomorrow; a list of what is allowed does not.
"""

import sys
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules
from importlinter.domain.imports import ModuleExpression

VALUE_TYPES = frozenset(
    {
        "__future__",
        "abc",
        "bisect",
        "calendar",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "heapq",
        "itertools",
        "math",
        "operator",
        "re",
        "statistics",
        "string",
        "types",
        "typing",
        "uuid",
        "zoneinfo",
    }
)
"""The parts of the standard library that only describe and compute: no IO, no processes, no randomness.

`datetime` and `uuid` hold a clock and a dice too; calls of those are banned by ruff (pyproject.toml, banned-api).
"""
STANDARD_LIBRARY = {"none": frozenset[str](), "value types": VALUE_TYPES, "all": sys.stdlib_module_names}


class AllowedContract(Contract):
    """`modules` and all below them import directly only what is listed; what those import is for their own contracts.

    Options:
        modules: the modules held to the list; wildcards as elsewhere in import-linter.
        may_import: packages (with all below them) that are allowed.
        standard_library: "none" (the default), "value types" or "all".
    """

    type_name = "allowed"

    modules = fields.SetField(subfield=fields.ModuleExpressionField())
    may_import = fields.SetField(subfield=fields.StringField())
    standard_library = fields.StringField(default="none")

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Looks at every direct import, also those below `if TYPE_CHECKING` and inside functions."""
        expressions = cast("set[ModuleExpression]", self.modules)
        held = sorted(module.name for module in module_expressions_to_modules(graph, expressions, as_packages=True))
        found = [
            f"{importer} imports {imported}"
            for importer in held
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not self._allows(imported)
        ]
        output.verbose_print(verbose, f"Looked at {len(held)} modules.")
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Names every import that the list does not allow, a line each."""
        for line in check.metadata["found"]:
            output.print_error(f"- {line}", bold=False)
        output.new_line()

    def _allows(self, imported: str) -> bool:
        packages = cast("set[str]", self.may_import)
        within = any(imported == package or imported.startswith(f"{package}.") for package in packages)
        return within or imported.partition(".")[0] in STANDARD_LIBRARY[cast("str", self.standard_library)]
