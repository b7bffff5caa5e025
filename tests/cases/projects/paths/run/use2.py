import os
import sys
from os import path
from pathlib import Path

sys.path.append("../lib")
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools", "lib2"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tools" / "lib3"))
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, path.join(HERE, "../tools/lib4"))
ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools/lib5"))
sys.path += [str(ROOT.joinpath("tools", "lib6"))]
from nets_a import build as a
from nets_b import build as b
from nets_c import build as c
from nets_d import build as d
from nets_e import build as e
from nets_f import build as f

for i in range(3):
    a().fit(1)  # -> KL102
    b().fit(1)  # -> KL102
    c().fit(1)  # -> KL102
    d().fit(1)  # -> KL102
    e().fit(1)  # -> KL102
    f().fit(1)  # -> KL102
