"""Goldens for the selection of training data: what plain Python, rouge_score and numpy choose.

    python tests/parity/make_construction_goldens.py

Writes golden/construction.json. Versions: rouge-score 0.1.2, regex, numpy. Everything here is done the slow way, over all
pairs; `tests/unit/construction.test.ts` holds server/construction to it.
"""

import itertools
import json
import math
import random
import re
import string
import unicodedata
from pathlib import Path

import numpy as np
import regex
from rouge_score import rouge_scorer

OUT = Path(__file__).parent / "golden" / "construction.json"
draw = random.Random(20261130)

SCRIPT = r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+"


def unicode_words(text):
    return regex.findall(SCRIPT, unicodedata.normalize("NFKC", text).lower())


class UnicodeTokenizer:
    def tokenize(self, text):
        return unicode_words(text)


SCORERS = {
    "rouge_score": rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False),
    "unicode": rouge_scorer.RougeScorer(["rougeL"], tokenizer=UnicodeTokenizer()),
}

VERBS = ["Explain", "Summarise", "Describe", "List", "Compare", "Translate", "Rewrite", "Draw", "Plot", "Classify"]
THINGS = [
    "the causes of acute kidney injury", "the rules of chess", "a contract's notice period", "three side effects of aspirin",
    "how vaccines train the immune system", "the file on your desk", "photosynthesis for a child of ten", "the map of Europe",
    "why the sky is blue", "the difference between mean and median", "a poem about rain", "the steps of mitosis",
]
TAILS = [
    "in two sentences", "for a lay reader", "with one example each", "without technical terms", "as a numbered list",
    "in plain words", "and name your sources", "step by step, with reasons", "", "in the style of a news report",
]
OTHERS = [
    "解释急性肾损伤的主要原因并举例说明", "解释急性肾损伤的主要原因并举例", "用两句话总结国际象棋的规则", "用三句话总结国际象棋的规则",
    "腎臓の働きを二文で説明してください", "腎臓の働きを三文で説明してください", "อธิบายหน้าที่ของไตในสองประโยค", "อธิบายหน้าที่ของไตในสามประโยค",
    "Écris un poème sur la pluie en été", "Écris un poème sur la pluie en hiver", "Объясни правила шахмат простыми словами",
    "Объясни правила шахмат очень простыми словами", "اشرح قواعد الشطرنج بكلمات بسيطة للأطفال", "Ünlü bir şairin hayatını kısaca anlat",
    "¿Por qué el cielo es azul durante el día?", "Write a program that sorts a list of names", "Too short", "!Begin with a sign and go on",
    "Cafe\u0301s in Vienna: which are the oldest ones?", "What's 2+2 and what is 3+3 in words?", "Imagegraph is one word and so it stays", "",
]


def instruction():
    text = f"{draw.choice(VERBS)} {draw.choice(THINGS)} {draw.choice(TAILS)}".strip() + draw.choice([".", "", "!", " please."])
    if draw.random() < 0.03:
        text = " ".join([text] * 25)
    return text


def capitalised(text):
    return re.sub(r"\s+", " ", text).strip().capitalize()


NOT_TEXT = "image images graph graphs picture pictures file files map maps draw plot".split() + ["go to"]


def fault(text, tokenizer):
    words = len(unicode_words(text)) if tokenizer == "unicode" else len(text.split())
    if text == "" or words <= 3:
        return "too short"
    if words > 150:
        return "too long"
    if any(re.search(rf"\b({word})\b", text, re.IGNORECASE) for word in NOT_TEXT):
        return "needs what is not text"
    if text.startswith("Write a program"):
        return "asks for a program"
    if text[0] in string.punctuation:
        return "begins with punctuation"
    if tokenizer == "rouge_score" and not text[0].isascii():
        return "begins with a letter that is not ASCII"
    return None


def self_instruct(seeds, candidates, tokenizer):
    pool, drops, nearest = list(seeds), [], []
    for candidate in candidates:
        text = capitalised(candidate)
        why = fault(text, tokenizer)
        if why is None:
            scores = [SCORERS[tokenizer].score(text, other)["rougeL"].fmeasure for other in pool]
            nearest.append(max(scores))
            if max(scores) > 0.7:
                why = "like another"
            else:
                pool.append(text)
        else:
            nearest.append(None)
        drops.append(why)
    return {"drops": drops, "nearest": nearest}


def instructions():
    seeds = [instruction() for _ in range(12)] + ["解释肾脏的主要功能并举例说明"]
    candidates = [instruction() for _ in range(380)] + OTHERS
    draw.shuffle(candidates)
    return {
        "seeds": seeds,
        "candidates": candidates,
        **{name: self_instruct(seeds, candidates, name) for name in SCORERS},
    }


def shingles(text):
    words = unicode_words(text)
    size = min(5, len(words))
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)} if words else set()


def near():
    vocabulary = [f"w{at}" for at in range(400)]
    han = [chr(0x4E00 + at) for at in range(300)]
    texts = []
    for at in range(260):
        letters, space = (han, "") if at % 5 == 0 else (vocabulary, " ")
        if texts and draw.random() < 0.5:
            # A text before, with some words of it replaced.
            other = draw.choice(texts)
            words = list(other) if other and other[0] in han else other.split(" ")
            letters, space = (han, "") if words[0] in han else (vocabulary, " ")
            for _ in range(draw.randrange(5)):
                words[draw.randrange(len(words))] = draw.choice(letters)
        else:
            words = [draw.choice(letters) for _ in range(draw.randrange(3, 120))]
        texts.append(space.join(words))
    kept, of, similarity = [], [], []
    for at, text in enumerate(texts):
        own = shingles(text)
        best = max(((len(own & shingles(texts[k])) / len(own | shingles(texts[k])), -k) for k in kept), default=(0, 0))
        if best[0] >= 0.7:
            of.append(-best[1])
            similarity.append(best[0])
        else:
            of.append(None)
            similarity.append(None)
            kept.append(at)
    return {"texts": texts, "of": of, "similarity": similarity}


def vectors():
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(25, 12))
    rows = np.concatenate([centres[rng.integers(25, size=150)] + 0.25 * rng.normal(size=(150, 12)), centres[:5]])
    rows = np.round(rows, 4)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    scores = np.round(rng.uniform(1, 36, size=len(rows)), 2)
    taken = []
    for row in np.argsort(-scores, kind="stable"):
        if len(taken) < 40 and (not taken or (unit[taken] @ unit[row]).max() <= 0.9):
            taken.append(int(row))
    centre = [17]
    distance = 1 - unit @ unit[17]
    while len(centre) < 30:
        centre.append(int(distance.argmax()))
        distance = np.minimum(distance, 1 - unit @ unit[centre[-1]])
    # One cluster: from the farthest from the mean direction on, gone when close to one before it.
    mean = unit.sum(axis=0) / np.linalg.norm(unit.sum(axis=0))
    order = np.argsort(unit @ mean, kind="stable")
    gone = sorted(int(row) for at, row in enumerate(order) if at and (unit[order[:at]] @ unit[row]).max() > 1 - 0.08)
    return {
        "embeddings": rows.tolist(), "scores": scores.tolist(),
        "diverse": taken, "start": 17, "centres": centre, "semantic": gone,
    }


def best_of():
    rng = np.random.default_rng(11)
    prompts = [
        [{"proxy": float(p), "gold": float(g)} for p, g in zip(rng.integers(0, 6, size=8), np.round(rng.normal(size=8), 3))]
        for _ in range(4)
    ]
    points = []
    for n in [1, 2, 4, 8]:
        proxy, gold = [], []
        for answers in prompts:
            for some in itertools.combinations(answers, n):
                best = max(one["proxy"] for one in some)
                ties = [one["gold"] for one in some if one["proxy"] == best]
                proxy.append(best)
                gold.append(sum(ties) / len(ties))
        points.append({"n": n, "proxy": float(np.mean(proxy)), "gold": float(np.mean(gold))})
    return {"prompts": prompts, "points": points}


def tags():
    names = [f"t{at}" for at in range(14)]
    rows = [draw.sample(names, draw.randrange(0, 6)) for _ in range(60)]
    left = sorted((at for at, row in enumerate(rows) if row), key=lambda at: (-len(rows[at]), at))
    taken = []
    while left and len(taken) < 25:
        covered, rest = set(), []
        for at in left:
            if len(taken) < 25 and not set(rows[at]) <= covered:
                covered |= set(rows[at])
                taken.append(at)
            else:
                rest.append(at)
        left = rest
    return {"tags": rows, "taken": taken}


def ifd():
    rng = np.random.default_rng(3)
    conditioned, alone = np.round(rng.uniform(0.5, 3, size=50), 3), np.round(rng.uniform(1, 3.2, size=50), 3)
    value = [math.exp(c - a) for c, a in zip(conditioned, alone)]
    useful = sorted((at for at in range(50) if value[at] < 1), key=lambda at: (-value[at], at))
    return {"conditioned": conditioned.tolist(), "alone": alone.tolist(), "value": value, "taken": useful[:10]}


golden = {
    "instructions": instructions(), "near": near(), "vectors": vectors(), "best_of": best_of(), "tags": tags(), "ifd": ifd(),
}
OUT.write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
for name, part in golden["instructions"].items():
    if isinstance(part, dict):
        print(name, "accepts", part["drops"].count(None), "of", len(part["drops"]))
print("near duplicates", sum(of is not None for of in golden["near"]["of"]))
