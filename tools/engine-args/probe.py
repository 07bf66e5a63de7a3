"""Runs inside the environment of one engine release and prints its facts as one JSON object.

Started by extract.py, never by hand: the interpreter is the one into which the release's wheel was installed.
Nothing here needs a GPU. vLLM refuses to build its parser when it finds no device, so NVML is told to answer
"one device" before vLLM is imported; the real CUDA libraries then fail only where a kernel would be started.
"""

import argparse
import contextlib
import enum
import importlib
import importlib.util
import json
import pathlib
import re
import sys

# A help text that begins by calling its own flag deprecated. "Replaces the deprecated --x" does not.
DEPRECATED_HELP = re.compile(r"^\W*(note:\s*)?(--[\w-]+\s+(is|are)\s+)?deprecated\b", re.IGNORECASE)


def type_name(action):
    kind = action.type
    if kind is None:
        return None
    name = getattr(kind, "__qualname__", None) or type(kind).__name__
    if ".<locals>." in name:
        return name.split(".<locals>.")[0] + "()"
    return getattr(kind, "__name__", name)


def takes(action):
    if action.nargs == 0:
        return "none"
    if action.nargs in ("*", "+", argparse.REMAINDER):
        return "many"
    if isinstance(action.nargs, int) and action.nargs > 1:
        return "many"
    return "one"


def plain(value):
    """The value behind an enum member; anything else as it is."""
    return value.value if isinstance(value, enum.Enum) else value


def deprecated(action, registered):
    return (
        bool(getattr(action, "deprecated", False))
        or action in registered
        or "deprecated" in type(action).__name__.lower()
        or bool(DEPRECATED_HELP.match(action.help or ""))
    )


def argument_rows(parser):
    registered = getattr(parser, "_deprecated", set())
    rows = []
    for action in parser._actions:
        if not action.option_strings:
            continue
        row = {"flags": list(action.option_strings), "type": type_name(action), "takes": takes(action)}
        if action.choices is not None:
            row["choices"] = [plain(choice) for choice in action.choices]
        if deprecated(action, registered):
            row["deprecated"] = True
        if action.nargs in ("?", "*"):
            row["valueOptional"] = True
        if type(action) is argparse._AppendAction:
            row["repeatable"] = True
        default = plain(action.default)
        if type(default) in (bool, int, float, str) and default != argparse.SUPPRESS:
            row["default"] = default
        rows.append(row)
    return rows


def load_early(name, path):
    """Loads one module of a package without importing the package itself."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def pretend_one_device():
    """Makes vLLM take its CUDA platform, the one that its image for NVIDIA takes.

    vLLM picks its platform while it is first imported, so its copy of NVML's Python binding is loaded before it.
    """
    folder = pathlib.Path(importlib.util.find_spec("vllm").origin).parent / "third_party"
    load_early("vllm.third_party", folder / "__init__.py")
    nvml = load_early("vllm.third_party.pynvml", folder / "pynvml.py")
    nvml.nvmlInit = lambda *_: None
    nvml.nvmlShutdown = lambda *_: None
    nvml.nvmlDeviceGetCount = lambda *_: 1
    nvml.nvmlDeviceGetHandleByIndex = lambda *_: 0
    nvml.nvmlDeviceGetName = lambda *_: "NVIDIA H200"
    nvml.nvmlDeviceGetCudaComputeCapability = lambda *_: (9, 0)


def choices_of(rows, flag):
    for row in rows:
        if flag in row["flags"]:
            return row.get("choices", [])
    return []


def vllm_facts():
    pretend_one_device()
    argparse_utils = importlib.import_module("vllm.utils.argparse_utils")
    serve = importlib.import_module("vllm.entrypoints.cli.serve")
    root = argparse_utils.FlexibleArgumentParser(prog="vllm")
    rows = argument_rows(serve.ServeSubcommand().subparser_init(root.add_subparsers()))
    from vllm.distributed.kv_transfer.kv_connector.factory import KVConnectorFactory
    from vllm.envs import environment_variables
    from vllm.reasoning import ReasoningParserManager
    from vllm.tool_parsers import ToolParserManager

    return {
        "arguments": rows,
        "env": sorted(environment_variables),
        "registries": {
            "all2allBackends": sorted(choices_of(rows, "--all2all-backend")),
            "kvConnectors": sorted(KVConnectorFactory._registry),
            "reasoningParsers": ReasoningParserManager.list_registered(),
            "toolParsers": ToolParserManager.list_registered(),
        },
    }


def sglang_facts():
    from sglang.srt.environ import EnvField, Envs
    from sglang.srt.function_call.function_call_parser import FunctionCallParser
    from sglang.srt.parser.reasoning_parser import ReasoningParser
    from sglang.srt.server_args import ServerArgs

    parser = argparse.ArgumentParser()
    ServerArgs.add_cli_args(parser)
    rows = argument_rows(parser)
    return {
        "arguments": rows,
        "env": sorted(name for name, field in vars(Envs).items() if isinstance(field, EnvField)),
        "registries": {
            "all2allBackends": sorted(choices_of(rows, "--moe-a2a-backend")),
            "kvConnectors": sorted(choices_of(rows, "--disaggregation-transfer-backend")),
            "reasoningParsers": sorted(ReasoningParser.DetectorMap),
            "toolParsers": sorted(FunctionCallParser.ToolCallParserEnum),
        },
    }


def main():
    engine, target = sys.argv[1:]
    with contextlib.redirect_stdout(sys.stderr):  # the engines print banners while they are imported
        facts = {"vllm": vllm_facts, "sglang": sglang_facts}[engine]()
    with open(target, "w", encoding="utf-8") as file:
        json.dump(facts, file)


main()
