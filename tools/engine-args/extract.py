"""Writes what one engine release accepts into src/catalog/engine-args. See README.md beside this file.

    python3 tools/engine-args/extract.py vllm 0.33.0
    python3 tools/engine-args/extract.py sglang 0.5.23
    python3 tools/engine-args/extract.py vllm-ascend 0.23.0.post1
"""

import argparse
import ast
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from importlib.metadata import PathDistribution

from pip._vendor.packaging.requirements import Requirement  # pip is needed anyway, a separate `packaging` is not

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "src" / "catalog" / "engine-args"

# Kernels and codecs that neither parser touches. They are most of the download, and some only build beside a GPU.
NOT_NEEDED = set(
    """av cuda-python decord2 deepseek-recipe fastsafetensors flash-attn-4 flashinfer-cubin flashinfer-python helion
    humming-kernels instanttensor kernels nvidia-cudnn-frontend nvidia-cutlass-dsl nvidia-mathdx nvshmem4py-cu13 nvtx
    opencv-python-headless py-spy pynvvideocodec quack-kernels sgl-deep-ep sgl-deep-gemm sgl-flash-mla sglang-kernel
    smg-grpc-servicer tilelang timm tml-renderers tokenspeed-mla torch-memory-saver torchao torchaudio
    torchcodec""".split()
)

# vLLM 0.33.0 asks for a newer certifi than is published. No parser looks at certificates.
ANY_VERSION = {"certifi"}

OTHER_PROGRAMS = {"multimodal_gen", "test"}

ASCEND_SOURCE = re.compile(r"vllm_ascend/.*\.py")

ASCEND_PLATFORMS = ["manylinux_2_24_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64"]


def run(*command, **options):
    print("+", *command[:6], "..." if len(command) > 6 else "", file=sys.stderr)
    subprocess.run(command, check=True, **options)


def requirements(metadata):
    for line in PathDistribution(metadata).requires or []:
        wanted = Requirement(line)
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in NOT_NEEDED or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        extras = f"[{','.join(sorted(wanted.extras))}]" if wanted.extras else ""
        yield name if name in ANY_VERSION else f"{name}{extras}{wanted.specifier}"


def installed(engine, version, folder):
    """An environment with the release's wheel and what its argument parser imports; returns its site-packages."""
    run(sys.executable, "-m", "venv", str(folder))
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--no-deps", "--only-binary", ":all:", f"{engine}=={version}")
    site = next((folder / "lib").glob("python*/site-packages"))
    run(*pip, *requirements(next(site.glob(f"{engine}-*.dist-info"))))
    return site


def parser_facts(engine, version, folder):
    site = installed(engine, version, folder / "env")
    stub, home = folder / "stub", folder / "home"
    stub.mkdir()
    home.mkdir()
    library = "libcuda.so.1"
    run("cc", "-shared", "-fPIC", f"-Wl,-soname,{library}", "-o", str(stub / library), str(HERE / "cuda-stub.c"))
    result = folder / "facts.json"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),  # so that no default names the home of whoever ran this
        "LD_LIBRARY_PATH": str(stub),
        "PYTHONHASHSEED": "0",  # some choices come out of a set
        "CUDA_VISIBLE_DEVICES": "",
    }
    python = str(folder / "env" / "bin" / "python")
    run(python, "-P", str(HERE / "probe.py"), engine, str(result), env=environment)
    facts = json.loads(result.read_text())
    if engine == "sglang":
        facts["env"] = sorted({*facts["env"], *sglang_env_read(site / "sglang")})
    return facts


def text_of(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def name_of(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def trees(sources):
    for source in sources:
        yield from ast.walk(ast.parse(source))


def keys_read(node, owner):
    """The constant keys by which an expression reads the mapping called `owner`."""
    if isinstance(node, ast.Call) and node.args:
        if isinstance(node.func, ast.Attribute) and name_of(node.func.value) == owner:
            yield text_of(node.args[0])
        else:  # a helper takes the mapping, then the key: get_value(nested, additional_config, "key")
            for mapping, key in itertools.pairwise(node.args):
                if name_of(mapping) == owner:
                    yield text_of(key)
    if isinstance(node, ast.Subscript) and name_of(node.value) == owner:
        yield text_of(node.slice)
    if isinstance(node, ast.Compare) and name_of(node.comparators[0]) == owner:
        yield text_of(node.left)


def env_names_read(sources, pattern):
    """Variables read past the release's own list: by os.environ, os.getenv and SGLang's get_*_env_var helpers."""
    for node in trees(sources):
        names = list(keys_read(node, "environ"))
        if isinstance(node, ast.Call) and node.args:
            called = name_of(node.func)
            if called == "getenv" or re.fullmatch(r"get_\w+_env_var", called):
                names.append(text_of(node.args[0]))
        yield from (name for name in names if name and re.fullmatch(pattern, name))


def sglang_env_read(package):
    """What the language server reads; the image and video server and the tests have variables of their own."""
    files = [path for path in package.rglob("*.py") if path.relative_to(package).parts[0] not in OTHER_PROGRAMS]
    return env_names_read((path.read_bytes() for path in files), r"SGL(ANG)?_\w+")


def ascend_archive(version, folder):
    """The wheel of a release, which is built for Arm only, or where it has none the archive of its sources."""
    pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    release = f"vllm-ascend=={version}"
    platforms = [word for name in ASCEND_PLATFORMS for word in ("--platform", name)]
    try:
        run(sys.executable, *pip, "--only-binary", ":all:", *platforms, release)
    except subprocess.CalledProcessError:
        # pip asks a source archive for its metadata before it hands it out. That builds nothing, but the build
        # script wants to know a device.
        run(sys.executable, "-m", "venv", str(folder / "build"))
        python = str(folder / "build" / "bin" / "python")
        run(python, "-m", "pip", "install", "--quiet", "setuptools", "setuptools-scm", "wheel")
        environment = {**os.environ, "SOC_VERSION": "ascend910_9391"}
        run(python, *pip, "--no-build-isolation", "--no-binary", "vllm-ascend", release, env=environment)
    return next(path for path in folder.iterdir() if path.name.startswith("vllm_ascend-"))


def ascend_sources(archive):
    """Path in the package -> source, of a wheel or of a source archive, whose paths begin with its own name."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist() if ASCEND_SOURCE.fullmatch(name)}
    with tarfile.open(archive) as sources:
        names = {member.name: member.name.partition("/")[2] for member in sources if member.isfile()}
        wanted = {name: path for name, path in names.items() if ASCEND_SOURCE.fullmatch(path)}
        return {path: sources.extractfile(name).read() for name, path in wanted.items()}


def ascend_facts(version, folder):
    """vllm-ascend adds no argument. Its own names are read from its sources."""
    sources = ascend_sources(ascend_archive(version, folder))
    env = set(env_names_read(sources.values(), r"VLLM_ASCEND_\w+"))
    for node in trees([sources["vllm_ascend/envs.py"]]):
        if isinstance(node, ast.AnnAssign) and name_of(node.target) == "env_variables":
            env.update(text_of(key) for key in node.value.keys)
    keys = {key for node in trees(sources.values()) for key in keys_read(node, "additional_config")}
    return {"env": sorted(env), "registries": {"additionalConfigKeys": sorted(keys - {None})}}


def release_order(version):
    return [int(part) for part in re.findall(r"\d+", version)]


def write_rows(path, rows):
    rows = sorted(rows, key=lambda row: row["flags"][0])
    path.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")


def merge(path, update):
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    update(content)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def sorted_releases(releases):
    return dict(sorted(releases.items(), key=lambda item: release_order(item[0])))


def write(engine, version, facts, target):
    if "arguments" in facts:
        write_rows(target / f"{engine}-{version}.json", facts["arguments"])

    def update_env(content):
        content[version] = facts["env"]
        ordered = sorted_releases(content)
        content.clear()
        content.update(ordered)

    def update_registries(content):
        content[engine] = sorted_releases({**content.get(engine, {}), version: facts["registries"]})

    merge(target / f"{engine}-env.json", update_env)
    merge(target / "registries.json", update_registries)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", choices=["vllm", "sglang", "vllm-ascend"])
    parser.add_argument("version")
    parser.add_argument("--out", type=pathlib.Path, default=TARGET, help="folder of the JSON files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="engine-args-") as temporary:
        folder = pathlib.Path(temporary)
        if options.engine == "vllm-ascend":
            facts = ascend_facts(options.version, folder)
        else:
            facts = parser_facts(options.engine, options.version, folder)
    write(options.engine, options.version, facts, options.out)


if __name__ == "__main__":
    main()
