# Writes forest-fixture.json: labelled vectors, and how well IsolationForest of scikit-learn tells them apart.
# python -m pip install scikit-learn; python forest-fixture.py
import json

import numpy
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

random = numpy.random.default_rng(7)
mixing = random.normal(size=(8, 8))
usual = numpy.concatenate([random.normal(size=(350, 8)) @ mixing, random.normal(size=(200, 8)) * 1.5 + 6])
unusual = numpy.concatenate([random.uniform(-9, 14, size=(25, 8)), random.normal(size=(25, 8)) @ mixing * 1.8])
rows = numpy.round(numpy.concatenate([usual, unusual]), 3)
labels = [0] * len(usual) + [1] * len(unusual)
forests = [IsolationForest(n_estimators=100, max_samples=256, random_state=seed).fit(rows) for seed in range(10)]
scores = [-forest.score_samples(rows) for forest in forests]
fixture = {
    'madeBy': f'forest-fixture.py, scikit-learn {sklearn.__version__}, numpy {numpy.__version__}, seed 7',
    'rows': rows.tolist(),
    'labels': labels,
    'areas': [round(float(roc_auc_score(labels, one)), 6) for one in scores],
    'meanScores': numpy.round(numpy.mean(scores, axis=0), 5).tolist(),
}
with open('forest-fixture.json', 'w') as file:
    json.dump(fixture, file)
