"""scikit-learn's side of bench/forest.ts: reads the data sets of a folder, prints its figures as JSON."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from sklearn.metrics import roc_auc_score

folder = Path(sys.argv[1])
spec = json.load(sys.stdin)


def forest(seed):
    return IsolationForest(n_estimators=100, max_samples=256, random_state=seed, n_jobs=1)


def fastest(work):
    best = float("inf")
    for _ in range(spec["rounds"]):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best


auc = {}
for data_set in spec["sets"]:
    rows = np.fromfile(folder / f"{data_set['name']}.f32", dtype=np.float32).reshape(-1, data_set["columns"])
    labels = np.fromfile(folder / f"{data_set['name']}.u8", dtype=np.uint8)
    auc[data_set["name"]] = float(np.mean([
        roc_auc_score(labels, -forest(seed).fit(rows).score_samples(rows)) for seed in range(spec["seeds"])
    ]))

speed = np.fromfile(folder / "speed.f32", dtype=np.float32).reshape(-1, spec["columns"])
model = forest(1).fit(speed)
some = speed[:1000]
lengths = np.zeros(len(some))
trees = []
for estimator in model.estimators_:
    tree = estimator.tree_
    steps = np.asarray(tree.decision_path(some).sum(axis=1)).ravel() - 1
    lengths += steps + _average_path_length(tree.n_node_samples[tree.apply(some)])
    trees.append({
        "left": tree.children_left.tolist(), "right": tree.children_right.tolist(), "feature": tree.feature.tolist(),
        "threshold": tree.threshold.tolist(), "size": tree.n_node_samples.tolist(),
    })
onnx = to_onnx(model, speed[:1], target_opset={"": 15, "ai.onnx.ml": 3})
(folder / "sklearn.onnx").write_bytes(onnx.SerializeToString())
model.decision_function(speed[:2000]).astype(np.float32).tofile(folder / "decision.f32")

json.dump({
    "auc": auc,
    "fitSeconds": fastest(lambda: forest(1).fit(speed)),
    "scoreSeconds": fastest(lambda: model.score_samples(speed)),
    "forest": {"sample": int(model.max_samples_), "trees": trees, "lengths": (lengths / len(trees)).tolist()},
}, sys.stdout)
