"""What SECURITY.md promises of the code: nothing is unpickled, run or given to a shell, nor fetched."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = [path for name in ("xiangqi_gpt", "gui", "data") for path in sorted((ROOT / name).rglob("*.py"))]
#: Connects to a Unix socket in the file system that the user names as an output, to nothing else.
OUTPUT_SOCKETS = "xiangqi_gpt/files/special.py"
#: Reads the address that the program was installed from; nothing is fetched.
ADDRESSES = "xiangqi_gpt/extras.py"
PICKLING = {"pickle", "marshal", "shelve", "dill", "joblib", "yaml"}
NETWORK = {"socket", "urllib", "http", "ftplib", "requests", "httpx", "socketserver"}
CALLS = {"eval", "exec", "compile", "__import__", "torch.load", "os.system", "os.popen"}
METHODS = {"extractall"}


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def dangers(source: str) -> set[str]:
    """What in a file could run, unpickle, unpack at will or fetch what it is given."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names} & (PICKLING | NETWORK)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {(node.module or "").split(".")[0]} & (PICKLING | NETWORK)
        elif isinstance(node, ast.Call):
            name = dotted(node.func)
            found |= {name} & CALLS | {name.split(".")[-1]} & METHODS
            for keyword in node.keywords:
                if keyword.arg in ("shell", "allow_pickle") and getattr(keyword.value, "value", True) is not False:
                    found.add(f"{keyword.arg}=")
    return found


@pytest.mark.slow
def test_no_file_trusts_what_it_reads() -> None:
    found = {path.relative_to(ROOT).as_posix(): dangers(path.read_text(encoding="utf-8")) for path in FILES}
    assert {name: words for name, words in found.items() if words} == {
        OUTPUT_SOCKETS: {"socket"},
        ADDRESSES: {"urllib"},
    }


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from urllib.request import urlopen",
        "eval(text)",
        "torch.load(path)",
        "subprocess.run(line, shell=True)",
        "numpy.load(path, allow_pickle=True)",
        "archive.extractall(folder)",
    ],
)
def test_a_danger_would_be_seen(source: str) -> None:
    assert dangers(source)
    assert not dangers("model.eval(); numpy.load(path, allow_pickle=False); re.compile(text)")
