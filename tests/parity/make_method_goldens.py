"""Goldens for the methods that make training data: what the papers' rules make of scripted replies.

    python tests/parity/make_method_goldens.py

Writes golden/methods.json. Versions: regex; else the standard library. Each method is written here from its paper in the
plainest way: the draws, what is asked, what stays and why not. The provider is a script: good replies, and among them cut,
empty, declining, leaking, broken, repeated ones and ones in other scripts. `tests/unit/construction-methods.test.ts` runs
server/construction/method over the same replies and must hand out the same candidates.
"""

import json
import math
import random
import re
import string
import unicodedata
from pathlib import Path

import regex

OUT = Path(__file__).parent / "golden" / "methods.json"
MASK = 0xFFFFFFFF


class Draws:
    """sfc32, as server/statistics/math/random.ts has it, and the ways of drawing of method/draws.ts."""

    def __init__(self, seed):
        self.a, self.b, self.c, self.counter = seed & MASK, seed >> 32, 0x9E3779B9, 1
        for _ in range(12):
            self.uniform()

    def uniform(self):
        total = (self.a + self.b + self.counter) & MASK
        self.counter = (self.counter + 1) & MASK
        self.a = self.b ^ (self.b >> 9)
        self.b = (self.c + (self.c << 3)) & MASK
        self.c = (((self.c << 21) | (self.c >> 11)) + total) & MASK
        return total / 2**32

    def below(self, count):
        return math.floor(self.uniform() * count)

    def chance(self, share):
        return self.uniform() < share

    def pick(self, items):
        return items[self.below(len(items))]

    def sample(self, items, count):
        left, taken = list(items), []
        while len(taken) < count and left:
            taken.append(left.pop(self.below(len(left))))
        return taken

    def shuffled(self, items):
        return self.sample(items, len(items))


class Script:
    """A provider: what it answers to each ask, kept for the test."""

    def __init__(self, seed, write):
        self.draw, self.write, self.answers = random.Random(seed), write, {}

    def ask(self, key, *about):
        assert key not in self.answers, key
        self.answers[key] = self.write(self.draw, key, *about)
        return self.answers[key]


def reply(text, finish="stop"):
    return {"reply": {"text": text, "finishReason": finish}}


FAILURE = {"failure": "The endpoint answered 500 four times."}


def text_of(answer):
    """(text, fault): one of them is None."""
    if "failure" in answer:
        return None, "no reply"
    if answer["reply"]["finishReason"] == "length":
        return None, "cut by length"
    if answer["reply"]["finishReason"] != "stop":
        return None, "refused or withheld"
    text = answer["reply"]["text"].strip()
    return (None, "empty") if text == "" else (text, None)


def user(text):
    return [{"role": "user", "content": text}]


def prompt(id, text, response=None, fields=None):
    return {"id": id, "messages": user(text), "response": response, "fields": fields or {}}


def words_of(text):
    script = r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+"
    return regex.findall(script, unicodedata.normalize("NFKC", text).lower())


def rouge_l(one, other):
    a, b = words_of(one), words_of(other)
    row = [0] * (len(b) + 1)
    for x in a:
        before = row[:]
        for j, y in enumerate(b):
            row[j + 1] = before[j] + 1 if x == y else max(before[j + 1], row[j])
    if row[-1] == 0:
        return 0
    precision, recall = row[-1] / len(b), row[-1] / len(a)
    return 2 * precision * recall / (precision + recall)


def candidate(key, parents, operator, prompt, asks, dropped, responses=(), pair=None, nearest=None):
    return {
        "key": key, "parents": parents, "operator": operator, "prompt": prompt, "responses": list(responses),
        "pair": pair, "asks": asks, "dropped": dropped, "nearest": nearest,
    }


def response(text, slot="writer", at=0, score=None):
    return {"text": text, "by": None if slot is None else {"slot": slot, "at": at}, "score": score}


# --- Self-Instruct ---------------------------------------------------------------------------------------------------

SUBJECTS = "rivers,contracts,kidneys,vaccines,chess openings,tax returns,poems,volcanoes,violins,bees,bridges,recipes".split(",")
VERBS = "Explain,Summarise,List,Compare,Classify,Rewrite,Translate,Rank,Describe,Question".split(",")
ENDS = "for a child,in two sentences,with sources,as a table,by their age,in formal words,without numbers,step by step".split(",")
ODD = [
    "Too short", "Draw a map of the old town", "Go to the shop and buy bread", "Write a program that sorts many names",
    "!Begin with a sign and go on from there", "解释急性肾损伤的主要原因并举例说明", "解释急性肾损伤的主要原因并举例", "اشرح قواعد الشطرنج بكلمات بسيطة للأطفال",
    "Объясни правила шахмат простыми словами", "word " * 160, "Explain  how\tbees find their way home",
]


def self_instruct_script(draw, key, *about):
    step = key.split("/")[0]
    roll = draw.random()
    if step == "generate":
        items = [
            draw.choice(ODD) if draw.random() < 0.25 else f"{draw.choice(VERBS)} {draw.choice(SUBJECTS)} {draw.choice(ENDS)}"
            for _ in range(7)
        ]
        text = "\n".join(f"{9 + i}{draw.choice(['.', ' .', ')'])} {item}" for i, item in enumerate(items))
        if about:
            text = re.sub(r"^9\S? \S? ?", "", text)
        if roll < 0.08:
            return reply(text, "length")
        if roll < 0.14:
            return reply("I am sorry, I cannot do that.")
        if roll < 0.2:
            return reply("")
        if roll < 0.24:
            return FAILURE
        if roll < 0.28:
            return reply(text, "filtered")
        return reply(("" if about else "Sure! Here they are:\n\n") + text + "\n\nI hope this helps." if roll < 0.5 else text)
    if step == "class":
        return reply(draw.choice(["Yes.", "yes, it is", "No", "No.", "no", "Yesterday", "", "是"]), draw.choice(["stop", "stop", "length"]))
    if roll < 0.06:
        return FAILURE
    if roll < 0.12:
        return reply("Sorry, I do not know any.")
    if about[0]:
        labels = ["positive", "negative", "neutral"]
        parts = [f"Class label: {draw.choice(labels)}\nInput: text {draw.randrange(4)}" for _ in range(draw.randrange(1, 8))]
        if roll < 0.2:
            parts.append("Class label: lonely")
        return reply("\n".join(parts), "length" if roll > 0.9 else "stop")
    bodies = ["Input: {0}\nOutput: answer {1}", "Input: {0}\nOutput: {0}", "Output: story {1}", "Input: {0}\nOutput:", "Input: {0}\nOutput: see:",
              "Input: {0}\nOutput: answer {1}\nInput: more", "Input: 三 {0}\nOutput: 答案 {1}"]
    count = draw.randrange(1, 8)
    if count == 1 and roll > 0.5:
        return reply(draw.choice(bodies).format("a", "b"))
    parts = [f"Example {i + 1}{draw.choice(['', '.', ':'])}\n" + draw.choice(bodies).format(f"in {draw.randrange(9)}", draw.randrange(3)) for i in range(count)]
    return reply("\n\n".join(parts), "length" if roll > 0.9 else "stop")


NOT_TEXT = "image images graph graphs picture pictures file files map maps draw plot".split() + ["go to"]


def tidied(text):
    line = re.sub(r"\s+", " ", text).strip().lower()
    return line[:1].upper() + line[1:]


def form_fault(text):
    line = tidied(text)
    words = len(words_of(line))
    if words <= 3:
        return "too short"
    if words > 150:
        return "too long"
    if any(regex.search(rf"(?<![\p{{L}}\p{{N}}_]){word}(?![\p{{L}}\p{{N}}_])", line, regex.I) for word in NOT_TEXT):
        return "needs what is not text"
    if line.startswith("Write a program"):
        return "asks for a program"
    if line[0] in string.punctuation:
        return "begins with punctuation"
    return None


def read_examples(answer, is_class, before=""):
    if "failure" in answer:
        return []
    text, found = before + answer["reply"]["text"], []
    strip_name = lambda given: re.sub(r"^Input\s*\d*\s*:", "", given.strip()).strip()
    if is_class:
        for part in text.split("Class label:")[1:]:
            fields = part.strip().split("\n", 1)
            found.append((strip_name(fields[1]) if len(fields) == 2 else "", fields[0].strip()))
    else:
        text = text.strip()
        if re.search(r"Example\s?\d+\.?:?", text):
            parts = re.split(r"Example\s?\d+\.?:?", text)[1:]
        elif re.search(r"Output\s*\d*\s*:", text):
            parts = [text]
        else:
            parts = []
        for part in parts:
            if part.strip() == "":
                continue
            if re.search(r"Output\s*\d*\s*:", part):
                given, output = re.split(r"Output\s*\d*\s*:", part)[:2]
            else:
                given, output = "", part
            found.append((strip_name(given), re.split(r"Input\s*\d*\s*:", output)[0].strip()))
    return found[:-1] if answer["reply"]["finishReason"] == "length" else found


def usable(found, most):
    """The places of those that may be used."""
    complete = [i for i, (given, output) in enumerate(found) if output and output != given and not output.endswith(":") and not given.endswith(":")]
    for i in complete:
        for j in complete:
            if found[i][0] != "" and found[i][0] == found[j][0] and found[i][1] != found[j][1]:
                return set()
    first = [i for at, i in enumerate(complete) if found[i] not in [found[j] for j in complete[:at]]]
    return set(first[:most])


def self_instruct(name, completion, seed=7, want=80):
    seeds = [prompt(f"seed {i}", f"{VERBS[i % 10]} {SUBJECTS[i]} {ENDS[i % 8]} and name one exception:") for i in range(12)]
    script, draws, out, count = Script(1 + completion, self_instruct_script), Draws(seed), [], 0
    pool = [(one["id"], one["messages"][0]["content"]) for one in seeds]
    made, accepted, batch = [], 0, 0
    while accepted < want:
        batch += 1
        requests, tasks = [], []
        for i in range(1, 6):
            machine = draws.sample(made, 2)
            shown = draws.shuffled(machine + draws.sample([one["id"] for one in seeds], 8 - len(machine)))
            requests.append((f"generate/{batch}.{i}", shown))
        for key, shown, answer in [(key, shown, script.ask(key, *["9. "] * completion)) for key, shown in requests]:
            text, fault = text_of(answer)
            items = [] if text is None else re.split(r"\n\s*\d+\s?[.)](?=\s)", "\n" + "9. " * completion + text)[1:]
            items = [re.sub(r"\s+", " ", re.split(r"\n\s*\n", item.strip())[0]).strip() for item in items]
            if not fault and not items:
                fault = "no numbered list"
            if fault:
                count += 1
                out.append(candidate(f"~{count}", shown, "generate", [], [key], fault))
            for item in items:
                count += 1
                why = form_fault(item)
                nearest = None
                if why is None:
                    likeness = [rouge_l(tidied(item), text) for _, text in pool]
                    best = max(likeness)
                    nearest = {"of": pool[likeness.index(best)][0], "figure": best} if best > 0 else None
                    why = "like another" if best > 0.7 else None
                if why is None:
                    pool.append((f"~{count}", tidied(item)))
                    tasks.append((f"~{count}", item, shown, key, nearest))
                else:
                    out.append(candidate(f"~{count}", shown, "generate", user(item), [key], why, nearest=nearest))
        classes = []
        for key, *_ in tasks:
            answer = script.ask(f"class/{key[1:]}")
            said = answer["reply"]["text"]
            classes.append(re.match(r"yes\b", said.strip(), re.I) is not None)
        answers = [script.ask(f"examples/{task[0][1:]}", is_class) for task, is_class in zip(tasks, classes)]
        for (key, item, shown, ask, nearest), is_class, answer in zip(tasks, classes, answers):
            before = "" if not completion else "Class label:" if is_class else "Example 1\n"
            found = read_examples(answer, is_class, before)
            asks = [ask, f"class/{key[1:]}", f"examples/{key[1:]}"]
            operator = "label first" if is_class else "input first"
            if not found:
                out.append(candidate(key, shown, operator, user(item), asks, "no example", nearest=nearest))
            good = usable(found, 5)
            for i, (given, output) in enumerate(found):
                if i > 0:
                    count += 1
                out.append(candidate(
                    key if i == 0 else f"~{count}", shown, operator, user(item + "\n\n" + given if given else item), asks,
                    None if i in good else "no usable example", [response(output, "continuer" if completion else "writer")], nearest=nearest,
                ))
                accepted += i in good
        made += [key for key, *_ in tasks]
    options, bound = ({"ask": "completion"}, {"writer": 1, "continuer": 1}) if completion else ({}, {"writer": 1})
    return golden("self-instruct", options, {"prompts": seeds}, script, out, want, seed, bound, name)


# --- Answers that are sampled and scored: on-policy pairs, rejection sampling ------------------------------------------

TASKS = [
    "Name three rivers of Europe.", "解释为什么天空是蓝色的", "Write a haiku about rain.", "Ist 91 eine Primzahl?", "اشرح قواعد الشطرنج",
    "What is a tort?", "Sum 17 and 25.", "Summarise the plot of Hamlet.", "Why do cats purr?", "Explain inflation to a child.",
    "List four noble gases.", "Who wrote Faust?",
]
ASPECTS = ["instruction following", "truthfulness", "honesty", "helpfulness"]


def task_prompts(count=12, response=None):
    return [prompt(f"p{i}", TASKS[i % len(TASKS)], response and response(i)) for i in range(count)]


def bad_reply(draw):
    """One of the ways in which a reply is none; None in most cases."""
    roll = draw.random()
    if roll < 0.05:
        return reply("It begins well and then", "length")
    if roll < 0.1:
        return reply(draw.choice(["", "  \n "]))
    if roll < 0.13:
        return reply("", "filtered")
    if roll < 0.16:
        return reply("I must decline.", "refused")
    if roll < 0.2:
        return FAILURE
    return None


def some_text(draw):
    return draw.choice(["Good", "好的回答", "Better", "ответ", "The best there is", "x"]) + draw.choice(["", " indeed", " and more of it, at length", "!"])


def rating(draw):
    lines = [f"{draw.choice(['', '- ', '**'])}{aspect}: {draw.choice([3, 3, 4])}" for aspect in ASPECTS]
    roll = draw.random()
    if roll < 0.04:
        lines.pop()
    elif roll < 0.08:
        lines[1] = "truthfulness: 9"
    elif roll < 0.12:
        lines[2] = "Honesty: high"
    elif roll < 0.16:
        return "I would give it a 4 overall."
    return "\n".join(lines)


def sampled_script(draw, key):
    if key.startswith("write/"):
        return bad_reply(draw) or reply(f" {some_text(draw)}\n")
    return bad_reply(draw) or reply(rating(draw))


def reward_script(draw, key):
    if key.startswith("write/"):
        return bad_reply(draw) or reply(some_text(draw))
    return FAILURE if draw.random() < 0.1 else {"score": draw.choice([-1.5, -0.25, 0, 0.5, 0.5, 2.125])}


def read_score(answer):
    if "score" in answer:
        return answer["score"]
    text, _ = text_of(answer)
    ratings = []
    for aspect in ASPECTS:
        found = None
        for line in (text or "").split("\n"):
            found = found or regex.match(rf"\W*{aspect}\W*?(\d+(?:\.\d+)?)", line, regex.I)
        if not found or not 1 <= float(found[1]) <= 5:
            return None
        ratings.append(float(found[1]))
    return sum(ratings) / 4


def sampled(script, prompts, models, samples):
    """Of each prompt: the scored answers and the asks. All prompts fit one batch here."""
    texts = {}
    for one in prompts:
        texts[one["id"]] = []
        for at in range(models):
            for sample in range(samples):
                text, _ = text_of(script.ask(f"write/{one['id']}/{at}.{sample}"))
                if text is not None and text not in [known for known, _ in texts[one["id"]]]:
                    texts[one["id"]].append((text, at))
    for one in prompts:
        told = texts[one["id"]]
        scores = [read_score(script.ask(f"score/{one['id']}/{i}")) for i in range(len(told))]
        asks = [f"write/{one['id']}/{at}.{sample}" for at in range(models) for sample in range(samples)]
        asks += [f"score/{one['id']}/{i}" for i in range(len(told))]
        yield one, len(told), [response(text, "writers", at, score) for (text, at), score in zip(told, scores) if score is not None], asks


def on_policy(name, options, script, bound, seed=3):
    prompts, draws, out = task_prompts(24), Draws(seed), []
    against, margin, most = options.get("against", "worst"), options.get("margin", 0), options.get("most", 1)
    for one, answers, responses, asks in sampled(script, prompts, bound["writers"], options["samples"]):
        made = lambda dropped, pair=None: out.append(candidate(
            f"~{len(out) + 1}", [one["id"]], f"best against {against}", one["messages"], asks, dropped, responses, pair))
        scores = [each["score"] for each in responses]
        if len(responses) < 2:
            made("fewer than two answers that differ" if answers < 2 else "fewer than two scores")
            continue
        order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
        if against == "worst":
            pairs = [(order[i], order[-1 - i]) for i in range(min(most, len(order) // 2))]
            pairs = [(a, b) for a, b in pairs if scores[a] > scores[b] and scores[a] - scores[b] >= margin]
        else:
            less = [i for i in range(len(scores)) if scores[i] < scores[order[0]] and scores[order[0]] - scores[i] >= margin]
            pairs = [(order[0], draws.pick(less))] if less else []
        if not pairs:
            made("scores too close")
        for chosen, rejected in pairs:
            lengths = [len(responses[chosen]["text"]), len(responses[rejected]["text"])]
            limit = options.get("max_length_ratio")
            made("one text is much longer" if limit and max(lengths) / min(lengths) > limit else None,
                 {"chosen": chosen, "rejected": rejected, "probability": 1})
    return golden("on-policy", options, {"prompts": prompts}, script, out, 1000, seed, bound, name)


def rejection_sampling(seed=4):
    options, prompts, out = {"samples": 2, "thresholds": [0, 1]}, task_prompts(24), []
    script = Script(20, reward_script)
    for one, answers, responses, asks in sampled(script, prompts, 1, 2):
        scores = [each["score"] for each in responses]
        best = responses[scores.index(max(scores))] if scores else None
        dropped = "no answer" if answers == 0 else "no score" if best is None else "the best scores too little" if best["score"] < 0 else None
        out.append(candidate(f"~{len(out) + 1}", [one["id"]], "best of 2", one["messages"], asks, dropped, [best] if best else []))
    return golden("rejection-sampling", options, {"prompts": prompts}, script, out, 1000, seed, {"writers": 1, "reward": 1})


# --- Pairs by construction: delta learning, RLCD -----------------------------------------------------------------------


def by_construction(method, script, slots, operator, leaks, seed=5):
    prompts, out = task_prompts(40), []
    for one in prompts:
        said = [text_of(script.ask(f"{which}/{one['id']}")) for which in ("better", "worse")]
        faults = [fault or ("repeats its instruction" if any(leak in text.lower() for leak in leaks) else None) for text, fault in said]
        dropped = faults[0] or faults[1]
        if dropped is None and said[0][0] == said[1][0]:
            dropped = "both answers are the same"
        out.append(candidate(
            f"~{len(out) + 1}", [one["id"]], operator, one["messages"], [f"better/{one['id']}", f"worse/{one['id']}"], dropped,
            [response(text, slot) for (text, fault), slot in zip(said, slots) if fault is None],
            None if dropped else {"chosen": 0, "rejected": 1, "probability": 1},
        ))
    return golden(method, {}, {"prompts": prompts}, script, out, 1000, seed, {slot: 1 for slot in slots})


def spin(seed=26):
    """Every prompt has a person's answer; one model answers it too, and loses."""
    prompts = task_prompts(40, lambda i: "The same each time." if i % 3 == 0 else f"  A person's answer {i}.\n")
    script, out = Script(42, two_ways_script), []
    for one in prompts:
        key, person = f"own/{one['id']}", one["response"].strip()
        text, dropped = text_of(script.ask(key))
        if dropped is None and text == person:
            dropped = "both answers are the same"
        out.append(candidate(
            f"~{len(out) + 1}", [one["id"]], "demonstration against own answer", one["messages"], [key], dropped,
            [response(person, None)] + ([] if text is None else [response(text, "player")]),
            None if dropped else {"chosen": 0, "rejected": 1, "probability": 1},
        ))
    return golden("spin", {}, {"prompts": prompts}, script, out, 1000, seed, {"player": 1})


def two_ways_script(draw, key):
    if draw.random() < 0.08:
        return reply("Here is a Vague and Rambling answer: unhelpful, dishonest and harmful, or vague and rambling")
    return bad_reply(draw) or reply(draw.choice([some_text(draw), "The same each time."]))


CONTRASTS = [
    "helpful, honest and harmless", "unhelpful, dishonest and harmful", "clear and to the point", "vague and rambling",
]


# --- Evol-Instruct -----------------------------------------------------------------------------------------------------

OPERATORS = ["constraints", "deepening", "concretizing", "reasoning", "complicated input", "breadth"]
STOP_WORDS = set((
    "a an and are as at be but by for from has have he her his i if in is it its me my no not of on or our she so that the "
    "their them there they this to us was we were will with you your"
).split())


def evol_script(draw, key):
    step, roll = key.split("/")[0], draw.random()
    if step == "evolve":
        text = f"{draw.choice(['Explain', 'Beweise', '证明'])} {draw.randrange(1000)} with {draw.randrange(1000)} more constraints"
        if roll < 0.1:
            return reply(f"{text} than the given prompt")
        if roll < 0.15:
            return reply("Here is the #Rewritten Prompt#: " + text)
        if roll < 0.25:
            return reply("#Rewritten Prompt#:\n" + text)
        if roll < 0.3:
            return reply("#Created Prompt#:")
        return bad_reply(draw) or reply(text)
    if step == "equal":
        return bad_reply(draw) or reply(draw.choice(["Not equal", "Not equal", "not equal", "not equal.", "Equal", "**Not Equal** because", "equality", "They differ", "Not  equal"]))
    texts = ["Here is what you asked for.", "I am sorry, but I cannot.", "Sorry " + "word " * 80, "the of, and!", "!?", "答案是四十二", "Forty-two, for these reasons."]
    return bad_reply(draw) or reply(draw.choice(texts))


def evol_instruct(seed=6):
    prompts, draws, script, out = task_prompts(12), Draws(seed), Script(21, evol_script), []
    branches = {one["id"]: one["id"] for one in prompts}
    for round in (1, 2, 3):
        rows = []
        for one in prompts:
            rows.append({"id": one["id"], "parent": branches[one["id"]], "operator": draws.pick(OPERATORS), "asks": [], "said": None, "why": None})
        for row in rows:
            row["asks"].append(f"evolve/{round}/{row['id']}")
            text, row["why"] = text_of(script.ask(row["asks"][-1]))
            row["text"] = re.sub(r"^#?(?:rewritten|created) prompt#?:?\s*", "", text or "", flags=re.I).strip()
            if row["why"] is None and row["text"] == "":
                row["why"] = "empty"
            if row["why"] is None and re.search(r"#?(?:given|rewritten|created) prompt#?|new prompt:", row["text"], re.I):
                row["why"] = "repeats the operator's words"
        for row in [row for row in rows if row["why"] is None]:
            row["asks"].append(f"equal/{round}/{row['id']}")
            answer = script.ask(row["asks"][-1])
            said = answer["reply"]["text"] if "reply" in answer and answer["reply"]["finishReason"] in ("stop", "length") else ""
            verdict = re.match(r"\W*(not\s+)?equal\b", said.strip(), re.I)
            row["why"] = "no verdict on what it asks" if not verdict else None if verdict[1] else "asks the same as its parent"
        for row in [row for row in rows if row["why"] is None]:
            row["asks"].append(f"answer/{round}/{row['id']}")
            row["said"], row["why"] = text_of(script.ask(row["asks"][-1]))
            if row["why"] is None:
                words = words_of(row["said"])
                if len(words) < 80 and "sorry" in words:
                    row["why"] = "the reply declines"
                elif all(word in STOP_WORDS for word in words):
                    row["why"] = "the reply says nothing"
        for row in rows:
            key = f"~{len(out) + 1}"
            out.append(candidate(
                key, [row["parent"]], row["operator"], user(row["text"]) if row["text"] else [], row["asks"], row["why"],
                [response(row["said"])] if row["said"] else [],
            ))
            if row["why"] is None:
                branches[row["id"]] = key
    return golden("evol-instruct", {"rounds": 3}, {"prompts": prompts}, script, out, 1000, seed, {"writer": 1, "judge": 1})


# --- Distilled answers ---------------------------------------------------------------------------------------------------

SYSTEMS = ["You are a teacher.", "Answer as briefly as you can.", "你是一位医生。"]


def distilled_script(draw, key):
    value = draw.choice(["42", "42", "1,042", "1,042", "-7", "4.50", "forty-two", "42."])
    texts = [f"First this, then that.\nAnswer: {value}"] * 4 + [ f"Answer: {value}", "Reasons only", f"Answer: 3? No.\nAnswer: it is {value}", "Answer:"]
    return bad_reply(draw) or reply(draw.choice(texts))


def last_number(text):
    found = re.findall(r"-?[0-9]+(?:\.[0-9]+)?", re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text))
    return float(found[-1]) if found else None


def distilled(seed=8):
    prompts = task_prompts(12, lambda i: ["42", "1042", "the answer is 4.5", "It has no number"][i % 4])
    prompts[3]["messages"].insert(0, {"role": "system", "content": "Be kind."})
    options = {"samples": 4, "systems": SYSTEMS, "rationale": True, "verify": "number"}
    draws, script, out, known = Draws(seed), Script(23, distilled_script), [], set()
    for one in prompts:
        for at in range(2):
            for sample in range(4):
                has_system = one["messages"][0]["role"] == "system"
                messages = one["messages"] if has_system else [{"role": "system", "content": draws.pick(SYSTEMS)}, *one["messages"]]
                key = f"answer/{one['id']}/{at}.{sample}"
                text, why = text_of(script.ask(key))
                if why is None:
                    reasons, _, text = text.rpartition("Answer:")
                    text = text.strip()
                    if "Answer:" not in script.answers[key]["reply"]["text"] or text == "":
                        why = "no answer after its reasons"
                    elif reasons.strip() == "":
                        why = "no reasons before its answer"
                said = [] if why else [response(text, "teachers", at)]
                if why is None:
                    own = last_number(text)
                    if own is None or own != last_number(one["response"]):
                        why = "not the person's answer"
                    elif (one["id"], text) in known:
                        why = "given before"
                    known.add((one["id"], text))
                out.append(candidate(f"~{len(out) + 1}", [one["id"]], "answer", messages, [key], why, said))
    return golden("distilled-answers", options, {"prompts": prompts}, script, out, 1000, seed, {"teachers": 2})


# --- Questions on documents ----------------------------------------------------------------------------------------------

WORD = regex.compile(r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}]+")


def chunks(document, most):
    starts = [found.start() for found in WORD.finditer(document)]
    out, begin, first = [], 0, 0
    while first < len(starts):
        limit = starts[first + most] if first + most < len(starts) else len(document)
        end = limit
        if limit < len(document):
            for way in (r"\n\s*\n", r"[.!?؟](?=\s)\s*|[。！？]\s*"):
                ends = [begin + found.end() for found in re.finditer(way, document[begin:limit])]
                if ends and ends[-1] > (begin + limit) / 2:
                    end = ends[-1]
                    break
        piece = document[begin:end]
        out.append((begin + len(piece) - len(piece.lstrip()), piece.strip()))
        begin = end
        first = len([start for start in starts if start < end])
    return out


DOCUMENTS = [
    {"id": "kidney", "text": "The kidney\n\n" + " ".join(
        f"Sentence {i} says that value {i * 7} of the “kidney” holds in {1900 + i}." for i in range(30)) + "\n\nThe end of it."},
    {"id": "law", "text": "。".join(f"第{i}条规定合同在{i}天内有效" for i in range(40)) + "。"},
    {"id": "short", "text": "  One line only, of the old town and its bridge.  "},
    {"id": "empty", "text": " \n "},
]


def grounded_script(draw, key, passage, count):
    step, roll = key.split("/")[0], draw.random()
    literal = [sentence.strip() for sentence in re.split(r"(?<=[.。])", passage) if sentence.strip()]
    if step == "check":
        sentence = draw.choice(literal)
        return bad_reply(draw) or reply(draw.choice(["NONE", "None.", "none of them do", f'"{sentence}"', sentence, "words of my own"]))
    items = []
    for _ in range(count + draw.choice([0, 0, 1])):
        quote = draw.choice(literal)
        item = {
            "question": draw.choice(["When does value", "What holds for", "合同有效期是"]) + f" {draw.randrange(5)}?",
            "answer": draw.choice(["In 1903", "五天", "The passage does not tell."]),
            "quote": draw.choice([quote, quote, quote.replace("“", '"').replace("”", '"'), quote.replace(" ", "  "), "made up words of nobody", "of the", ""]),
        }
        if draw.random() < 0.1:
            del item[draw.choice(list(item))]
        if draw.random() < 0.05:
            item["answer"] = " "
        if step == "unanswerable":
            item.pop("quote", None)
        items.append(item)
    text = json.dumps(items, ensure_ascii=False)
    if roll < 0.1:
        return reply(text[:-3])
    if roll < 0.2:
        return reply("```json\n" + text + "\n```")
    if roll < 0.3:
        return reply("Here it is: " + json.dumps(items[0], ensure_ascii=False) + " Done.")
    if roll < 0.35:
        return reply("I cannot think of any.")
    if roll < 0.4:
        return reply(json.dumps([1, None, "text"]))
    return bad_reply(draw) or reply(text)


def plain(text):
    text = unicodedata.normalize("NFC", text)
    return re.sub(r"\s+", " ", re.sub("[‘’‚]", "'", re.sub("[“”„«»]", '"', text)))


def stands(quotation, document):
    sought = plain(quotation).strip()
    return sought != "" and sought in plain(document)


def json_in(text):
    begin, end = re.search(r"[\[{]", text), max(text.rfind("]"), text.rfind("}"))
    if not begin or end < begin.start():
        return None
    try:
        return json.loads(text[begin.start():end + 1])
    except ValueError:
        return None


def grounded(seed=9):
    options = {"passage_words": 60, "questions": 4, "unanswerable": 0.3}
    draws, script, out, known = Draws(seed), Script(25, grounded_script), [], {}
    rows = []
    for document in DOCUMENTS:
        for i, (at, passage) in enumerate(chunks(document["text"], 60)):
            without = sum([draws.chance(0.3) for _ in range(4)])
            for kind, count in (("questions", 4 - without), ("unanswerable", without)):
                if count == 0:
                    continue
                key = f"{kind}/{document['id']}/{i}"
                text, why = text_of(script.ask(key, passage, count))
                row = {"document": document["id"], "i": i, "passage": passage, "kind": kind, "asks": [key], "item": None, "why": why}
                if why is None:
                    found = json_in(text)
                    if found is None:
                        row["why"] = "no JSON"
                    else:
                        for item in found if isinstance(found, list) else [found]:
                            fields = ["question", "answer"] + (["quote"] if kind == "questions" else [])
                            whole = isinstance(item, dict) and all(isinstance(item.get(field), str) for field in fields)
                            whole = whole and item["question"].strip() != "" and item["answer"].strip() != ""
                            rows.append({**row, "asks": [key], "item": item if whole else None, "why": None if whole else "a field is missing"})
                        continue
                rows.append(row)
    checked = {}
    for row in rows:
        if row["item"] and row["kind"] == "unanswerable":
            place = checked[(row["document"], row["i"])] = checked.get((row["document"], row["i"]), -1) + 1
            row["asks"].append(f"check/{row['document']}/{row['i']}/{place}")
            answer = script.ask(row["asks"][-1], row["passage"], 0)
            said = answer["reply"]["text"].strip() if "reply" in answer and answer["reply"]["finishReason"] in ("stop", "length") else ""
            if not re.match(r"\W*none\b", said, re.I):
                row["why"] = "not checked" if said == "" else "the passage answers it" if stands(said.strip("\"“”„«»'‘’"), row["passage"]) else None
    for row in rows:
        key, item, nearest = f"~{len(out) + 1}", row["item"], None
        if item:
            if row["kind"] == "questions":
                if not stands(item["quote"], row["passage"]):
                    row["why"] = "the quotation is not in the passage"
                elif len(words_of(item["quote"])) < 4:
                    row["why"] = "the quotation is too short"
            before = known.setdefault(row["document"], [])
            likeness = [rouge_l(item["question"].strip(), other) for _, other in before]
            if likeness and max(likeness) > 0:
                nearest = {"of": before[likeness.index(max(likeness))][0], "figure": max(likeness)}
            if row["why"] is None and nearest and nearest["figure"] > 0.7:
                row["why"] = "like another"
            if row["why"] is None:
                before.append((key, item["question"].strip()))
        out.append(candidate(
            key, [row["document"]], "question" if row["kind"] == "questions" else "unanswerable question",
            user(row["passage"] + "\n\n" + item["question"].strip()) if item else [], row["asks"], row["why"],
            [response(item["answer"].strip())] if item else [], nearest=nearest,
        ))
    return golden("grounded", options, {"documents": DOCUMENTS}, script, out, 1000, seed, {"writer": 1})


# --- Constitution: critique and revision, RLAIF ----------------------------------------------------------------------------


def constitution_script(draw, key):
    return bad_reply(draw) or reply(draw.choice(["Response one", "Response two", "回答三", "It does not follow."]))


def constitution(seed=15):
    prompts, script, out = task_prompts(16), Script(26, constitution_script), []
    for one in prompts:
        first, why = text_of(script.ask(f"first/{one['id']}"))
        asks, text, changes = [f"first/{one['id']}"], first, 0
        for round in (1, 2) if why is None else ():
            asks.append(f"critique/{round}/{one['id']}")
            if text_of(script.ask(asks[-1]))[1] is not None:
                continue
            asks.append(f"revise/{round}/{one['id']}")
            revision, fault = text_of(script.ask(asks[-1]))
            if fault is None and revision != text:
                text, changes = revision, changes + 1
        if why is None and (changes == 0 or text == first):
            why = "nothing was revised"
        out.append(candidate(f"~{len(out) + 1}", [one["id"]], "critique and revision", one["messages"], asks, why, [response(text)] if text else []))
    return golden("constitution", {"rounds": 2}, {"prompts": prompts}, script, out, 1000, seed, {"writer": 1})


def token(text, p):
    return {"token": text, "logprob": math.log(p)}


def rlaif_script(draw, key):
    if not key.startswith("choose/"):
        return (bad_reply(draw) if draw.random() < 0.4 else None) or reply(some_text(draw))
    roll, p = draw.random(), draw.choice([0.125, 0.25, 0.5, 0.75])
    if roll < 0.04:
        return FAILURE
    if roll < 0.08:
        return reply("A")
    tops = [[token("A", p), token(" B", 1 - p)], [token("Ġa", p / 4), token("A", p / 4), token("B", p / 2)], [token("I", 0.75), token("A", 0.125), token("B", p / 8)], [token("I", 0.5)], [token("One", 0.875), token("A", 0.0625), token("B", 0.03125 * p)]]
    top = tops[0] if roll < 0.6 else draw.choice(tops)
    blank = [{**token("\n", 1), "top": []}] if roll > 0.8 else []
    return {"reply": {**reply("A", "length")["reply"], "logprobs": [*blank, {**top[0], "top": top}]}}


def choice_of(answer, order):
    for token in answer.get("reply", {}).get("logprobs", []):
        label = lambda text: re.sub(r"[\s▁ĠĊ]", "", text).upper()
        if label(token["token"]) != "":
            a, b = [sum(math.exp(each["logprob"]) for each in token["top"] if label(each["token"]) == letter) for letter in "AB"]
            return ((a if order == "AB" else b) / (a + b), a + b) if a + b > 0 else None
    return None


def rlaif(reasoning, seed=16):
    prompts, script, out = task_prompts(24), Script(27 + reasoning, rlaif_script), []
    for one in prompts:
        asks = [f"answer/{one['id']}/{i}" for i in (0, 1)]
        said = [text_of(script.ask(key)) for key in asks]
        why = said[0][1] or said[1][1] or ("both answers are the same" if said[0][0] == said[1][0] else None)
        pair, shares = None, []
        for order in ("AB", "BA") if why is None else ():
            if reasoning:
                asks.append(f"reason/{one['id']}/{order}")
                if text_of(script.ask(asks[-1]))[1] is not None:
                    shares.append(None)
                    continue
            asks.append(f"choose/{one['id']}/{order}")
            shares.append(choice_of(script.ask(asks[-1]), order))
        if why is None and None in shares:
            why = "no choice in one order"
        if why is None and min(mass for _, mass in shares) < 0.1:
            why = "says something else than a letter"
        if why is None:
            first = (shares[0][0] + shares[1][0]) / 2
            first = min(0.6, max(0.4, first)) if reasoning else first
            if max(first, 1 - first) > (0.5 if reasoning else 0.55):
                pair = {"chosen": 0 if first > 0.5 else 1, "rejected": 1 if first > 0.5 else 0, "probability": max(first, 1 - first)}
            else:
                why = "not sure enough"
        out.append(candidate(
            f"~{len(out) + 1}", [one["id"]], "choice by a principle", one["messages"], asks, why,
            [response(text) for text, fault in said if fault is None], pair,
        ))
    options = {"reasoning": True} if reasoning else {"least": 0.55}
    name = "rlaif, with reasons" if reasoning else "rlaif"
    return golden("rlaif", options, {"prompts": prompts}, script, out, 1000, seed, {"writer": 1, "judge": 1}, name)


# --- New prompts: Magpie, attributes, personas ------------------------------------------------------------------------------


class Pool:
    """Texts of which no two are alike."""

    def __init__(self, threshold):
        self.texts, self.threshold = [], threshold

    def meet(self, text):
        """(whether it may join, the nearest)"""
        likeness = [rouge_l(text, other) for other, _ in self.texts]
        best = max(likeness, default=0)
        return best <= self.threshold, {"of": self.texts[likeness.index(best)][1], "figure": best} if best > 0 else None


def new_prompt(draw):
    return draw.choice([
        f"How do I {draw.choice(['cook', 'repair', 'paint', 'sell'])} {draw.choice(['a boat', 'rice', 'an old chair'])} for {draw.randrange(9)} people?",
        f"写一首关于{draw.choice(['雨', '山', '海'])}的诗，不超过{draw.randrange(3)}行", f"Explain {draw.choice(SUBJECTS)} {draw.choice(ENDS)}", "?",
    ])


def prompt_script(draw, key):
    step, roll = key.split("/")[0], draw.random()
    if step == "prompt" and roll < 0.08:
        return reply("<|im_start|>user\nWhat is <|endoftext|> for?")
    if step == "prompt":
        return bad_reply(draw) or reply(new_prompt(draw) + "\n")
    if step == "rate":
        return bad_reply(draw) or reply(draw.choice(["good", "Good.", "excellent", "**Average**", "poor", "Very poor", "It is good", "5"]), draw.choice(["stop", "length"]))
    if step == "persona":
        return bad_reply(draw) or reply(draw.choice(["A nurse who grows roses", "A nurse who grows red roses", "Ein Anwalt für Mietrecht", "一位喜欢下棋的老师", f"A carpenter of {draw.randrange(90)} years"]))
    return bad_reply(draw) or reply(some_text(draw))


def finish_prompt(out, script, pool, rows):
    """Holds each row's text against the pool, and gives (row, key) of those to go on with."""
    for row in rows:
        row["key"], row["nearest"], row["said"] = f"~{len(out) + 1 + rows.index(row)}", row.get("nearest"), []
        if row["why"] is None:
            joins, row["nearest"] = pool.meet(row["text"])
            row["why"] = None if joins else "like another"
            if joins:
                pool.texts.append((row["text"], row["key"]))


def answer_prompts(out, script, rows):
    for row in [row for row in rows if row["why"] is None]:
        row["asks"].append(f"answer/{row['key'][1:]}")
        text, row["why"] = text_of(script.ask(row["asks"][-1]))
        row["said"] = [response(text)] if text else []
    for row in rows:
        out.append(candidate(
            row["key"], row["parents"], row["operator"], user(row["text"]) if row["text"] else [], row["asks"], row["why"],
            row["said"], nearest=row["nearest"],
        ))


def magpie(seed=17, want=12):
    script, out, pool, count, accepted = Script(30, prompt_script), [], Pool(0.7), 0, 0
    names = ["very poor", "poor", "average", "good", "excellent"]
    while accepted < want:
        rows = []
        for _ in range(32):
            count += 1
            text, why = text_of(script.ask(f"prompt/{count}"))
            if why is None and re.search(r"<\|[^|>]*\|>", text):
                why = "writes special tokens"
            rows.append({"text": text, "why": why, "asks": [f"prompt/{count}"], "parents": [], "operator": "as a user"})
        finish_prompt(out, script, pool, rows)
        for row in [row for row in rows if row["why"] is None]:
            row["asks"].append(f"rate/{row['key'][1:]}")
            answer = script.ask(row["asks"][-1])
            said = answer["reply"]["text"].strip() if "reply" in answer and answer["reply"]["finishReason"] in ("stop", "length") else ""
            found = re.match(r"\W*(very poor|poor|average|good|excellent)\b", said, re.I)
            row["why"] = "no rating" if not found else "a poor prompt" if names.index(found[1].lower()) < 3 else None
        answer_prompts(out, script, rows)
        accepted = len([one for one in out if one["dropped"] is None])
    return golden("magpie", {}, {}, script, out, want, seed, {"writer": 1, "judge": 1})


def attributes(seed=18):
    axes = [
        {"name": "reader", "values": [{"value": "child", "weight": 3}, {"value": "expert"}]},
        {"name": "language", "values": [{"value": "English", "weight": 2}, {"value": "中文", "weight": 1}, {"value": "Deutsch", "weight": 0.5}]},
        {"name": "length", "values": [{"value": "short"}, {"value": "long"}]},
    ]
    draws, script, out, pool = Draws(seed), Script(31, prompt_script), [], Pool(0.7)
    weights = [a * b * c for a in (3, 1) for b in (2, 1, 0.5) for c in (1, 1)]
    times = [-math.log(1 - draws.uniform()) / weight for weight in weights]
    rows = []
    for cell in sorted(range(12), key=lambda cell: times[cell]):
        for at in range(3):
            text, why = text_of(script.ask(f"prompt/{cell}.{at}"))
            rows.append({"text": text, "why": why, "asks": [f"prompt/{cell}.{at}"], "parents": [], "operator": "attributes"})
    finish_prompt(out, script, pool, rows)
    answer_prompts(out, script, rows)
    return golden("attributes", {"axes": axes, "each": 3}, {}, script, out, 1000, seed, {"writer": 1})


def personas(seed=19):
    documents = [{"id": f"d{i}", "text": f"Text {i} about {SUBJECTS[i % 12]}."} for i in range(30)]
    script, out, people, pool, rows = Script(32, prompt_script), [], Pool(0.9), Pool(0.7), []
    for one in documents:
        text, why = text_of(script.ask(f"persona/{one['id']}"))
        row = {"text": None, "why": why, "asks": [f"persona/{one['id']}"], "parents": [one["id"]], "operator": "persona"}
        if why is None:
            joins, nearest = people.meet(text)
            if joins:
                people.texts.append((text, one["id"]))
            else:
                row["why"], row["nearest"] = "a person like another", nearest
        rows.append(row)
    for row in [row for row in rows if row["why"] is None]:
        row["asks"].append(f"prompt/{row['parents'][0]}")
        row["text"], row["why"] = text_of(script.ask(row["asks"][-1]))
    finish_prompt(out, script, pool, rows)
    answer_prompts(out, script, rows)
    return golden("personas", {}, {"documents": documents}, script, out, 1000, seed, {"writer": 1})


# --- Dialogues ----------------------------------------------------------------------------------------------------------------


def dialogue_script(draw, key):
    if key.startswith("user/"):
        said = ["And why?", "Go on, with an example.", "END", '"END"', "ENDE gut", "Thanks! As an AI, I wonder", "接着说", "好的回答 2", f"What of {draw.randrange(50)}?", f"What of {draw.randrange(50)}?", "Name three rivers of Europe."]
        return reply(draw.choice(said)) if draw.random() < 0.9 else bad_reply(draw) or FAILURE
    return reply(f"{some_text(draw)} {draw.randrange(2)}") if draw.random() < 0.9 else bad_reply(draw) or reply("cut", "length")


def dialogue(seed=22):
    prompts, script, out = task_prompts(24), Script(33, dialogue_script), []
    for one in prompts:
        messages, asks, answers, why, last = list(one["messages"]), [], 0, None, None
        for turn in range(1, 5):
            if turn > 1:
                asks.append(f"user/{one['id']}/{turn}")
                text, why = text_of(script.ask(asks[-1]))
                if why is None and re.search(r"\b(as an ai|language model|how (can|may) i (help|assist) you|i('d| would) be happy to (help|assist))\b", text, re.I):
                    why, answers = "the user speaks as an assistant", 0
                if why or re.match(r"\W*END\b", text) or text in [said["content"] for said in messages]:
                    break
                messages.append({"role": "user", "content": text})
            asks.append(f"assistant/{one['id']}/{turn}")
            text, why = text_of(script.ask(asks[-1]))
            if why is None and text in [said["content"] for said in messages]:
                why = "the assistant repeats what was said"
            if why:
                break
            messages.append({"role": "assistant", "content": text})
            answers, last = answers + 1, len(messages) - 1
        out.append(candidate(
            f"~{len(out) + 1}", [one["id"]], "dialogue", messages[:last] if last else one["messages"], asks,
            None if answers >= 2 else why or "too short", [response(messages[last]["content"], "assistant")] if last else [],
        ))
    return golden("dialogue", {}, {"prompts": prompts}, script, out, 1000, seed, {"assistant": 1, "user": 1})


# --- Templates ----------------------------------------------------------------------------------------------------------------


def templates(seed=23):
    fields = lambda i: {
        "task": ["nli", "qa"][i % 3 == 0], "split": ["train", "test", "train", "dev"][i % 4], "cluster": ["inference", "reading"][i % 5 == 0],
        "choices": "yes, no, {{ prompt }}", **({"hint": f"hint {i}"} if i % 7 else {"hint": " "}),
    }
    prompts = [prompt(f"r{i}", f"Frage {i}: 三加{i}?", f"Antwort {i}" if i % 11 else None, fields(i)) for i in range(40)]
    options = {
        "templates": [
            {"name": "plain", "prompt": "{{ prompt }}\nOne of: {{choices}}", "response": "{{ response }}"},
            {"name": "turned round", "prompt": "Write the question whose answer is {{response}}.", "response": "{{ prompt }}"},
            {"name": "hinted", "prompt": "{{ prompt }} ({{ hint }})", "response": "{{ response }}!"},
        ],
        "each": 2, "cap": 12, "held_out": ["reading"],
    }
    draws, out, script = Draws(seed), [], Script(0, None)
    within = []
    for task in [prompts[0]["fields"]["task"], prompts[1]["fields"]["task"]]:
        rows = [one["id"] for one in prompts if one["fields"]["task"] == task]
        within += draws.sample(rows, 12) if len(rows) > 12 else rows
    for one in prompts:
        values = {**one["fields"], "prompt": one["messages"][0]["content"], "response": one["response"] or ""}
        fill = lambda text: None if any(values[name].strip() == "" for name in re.findall(r"{{ ?(\w+) ?}}", text)) else re.sub(
            r"{{ ?(\w+) ?}}", lambda found: values[found[1]], text)
        for template in draws.sample(options["templates"], 2):
            asked, said = fill(template["prompt"]), fill(template["response"])
            why = None
            if one["fields"]["split"] == "test":
                why = "of a barred split"
            elif one["fields"]["cluster"] == "reading":
                why = "of a cluster that is held out"
            elif one["id"] not in within:
                why = "its task has enough"
            elif asked is None or said is None:
                why = "a field is missing"
            out.append(candidate(
                f"~{len(out) + 1}", [one["id"]], template["name"], user(asked) if asked else [], [], why, [response(said, None)] if said else []))
    return golden("templates", options, {"prompts": prompts}, script, out, 1000, seed, {})


# --- Ranking of several -----------------------------------------------------------------------------------------------------------


def ranking_script(draw, key, letters=""):
    if key.startswith("write/"):
        return bad_reply(draw) or reply(some_text(draw))
    order = sorted(letters, key=lambda letter: (letters.index(letter) if key.endswith("/0") else -letters.index(letter)) + draw.choice([0, 0, 1.5]))
    text = draw.choice([" > ", ", ", " "]).join(order)
    return (bad_reply(draw) if draw.random() < 0.4 else None) or reply(draw.choice([
        text, text, text, text, text, f"A is good.\n{text}", text[:-1], f"{text}\n{text[::-1]}", "The best is B.", f"**{text}**", text.lower()]))


def ranking(seed=24):
    prompts, draws, script, out = task_prompts(30), Draws(seed), Script(40, ranking_script), []
    rows = []
    for one in prompts:
        texts, asks = [], []
        for at in range(2):
            for sample in range(2):
                asks.append(f"write/{one['id']}/{at}.{sample}")
                text, _ = text_of(script.ask(asks[-1]))
                if text is not None and text not in [known for known, _ in texts]:
                    texts.append((text, at))
        rows.append((one, texts, asks))
    for one, texts, asks in rows:
        k, why, pair, scores, ranks = len(texts), None, None, [None] * len(texts), []
        if k < 2:
            why = "fewer than two answers that differ"
        else:
            order = draws.shuffled(list(range(k)))
            for turn, shown in enumerate([order, order[::-1]]):
                asks.append(f"rank/{one['id']}/{turn}")
                text, _ = text_of(script.ask(asks[-1], "ABCD"[:k]))
                lines = [regex.findall(r"(?<![\p{L}\p{N}])[A-Z](?![\p{L}\p{N}])", line) for line in (text or "").split("\n")]
                whole = [line for line in lines if sorted(line) == list("ABCD"[:k])]
                ranks.append({shown["ABCD".index(letter)]: rank for rank, letter in enumerate(whole[-1])} if whole else None)
            if None in ranks:
                why = "no ranking in one order"
        if why is None:
            one_rank, other = ranks
            scores = [k - 1 - (one_rank[i] + other[i]) / 2 for i in range(k)]
            tau = sum(1 if (one_rank[a] - one_rank[b]) * (other[a] - other[b]) > 0 else -1 for a in range(k) for b in range(a + 1, k)) / (k * (k - 1) / 2)
            places = sorted(range(k), key=lambda i: (-scores[i], i))
            best, worst = places[0], places[-1]
            if tau < 0 or not (one_rank[best] < one_rank[worst] and other[best] < other[worst]):
                why = "the rankings disagree"
            else:
                pair = {"chosen": best, "rejected": worst, "probability": 1}
        out.append(candidate(
            f"~{len(out) + 1}", [one["id"]], "ranking", one["messages"], asks, why,
            [response(text, "writers", at, score) for (text, at), score in zip(texts, scores)], pair,
        ))
    return golden("ranking", {"samples": 2}, {"prompts": prompts}, script, out, 1000, seed, {"writers": 2, "judge": 1})


# --- Prompts for texts (Humpback) --------------------------------------------------------------------------------------------------


def humpback_script(draw, key):
    if key.startswith("prompt/"):
        return bad_reply(draw) or reply(new_prompt(draw))
    return bad_reply(draw) or reply(draw.choice([
        "It is complete.\nScore: 5", "Good.\n**Score:** 5", "Score: 4", "score 5.", "Score: 15", "Score: 4.5", "5", "Score: 5/5", "评分 Score：5"]))


def humpback(seed=25):
    script, out, pool, rows = Script(41, humpback_script), [], Pool(0.7), []
    for document in DOCUMENTS:
        for i, (at, passage) in enumerate(chunks(document["text"], 40)):
            if len(WORD.findall(passage)) >= 12:
                key = f"prompt/{document['id']}/{i}"
                text, why = text_of(script.ask(key))
                rows.append({"text": text, "why": why, "asks": [key], "parents": [document["id"]], "passage": passage})
    finish_prompt(out, script, pool, rows)
    for row in rows:
        score = None
        if row["why"] is None:
            row["asks"].append(f"score/{row['key'][1:]}")
            text, _ = text_of(script.ask(row["asks"][-1]))
            found = re.search(r"score\W{0,5}([1-5])(?![.0-9])", text or "", re.I)
            score = int(found[1]) if found else None
            row["why"] = "no score" if score is None else "scored too little" if score < 5 else None
        out.append(candidate(
            row["key"], row["parents"], "prompt of a passage", user(row["text"]) if row["text"] else [], row["asks"], row["why"],
            [response(row["passage"], None, score=score)], nearest=row["nearest"],
        ))
    options = {"passage_words": 40, "least_words": 12}
    return golden("instruction-backtranslation", options, {"documents": DOCUMENTS}, script, out, 1000, seed, {"asker": 1, "curator": 1})


# --- Translation ---------------------------------------------------------------------------------------------------------------------

SOURCES = [
    "Add 17 and 2.5, and explain `sum(x)` in one sentence.", "Write to {name} at https://example.org/a?b=1 about the rain.", "Why is the sky blue?",
    "What does <b>bold</b> do?", "Count to %d in {{ language }}.", "Summarise:\n```\nx = 1\n```\nin words",
]
FROZEN = re.compile(r"```[\s\S]*?```|`[^`\n]+`|https?://\S+|\{\{?[\w .-]+\}?\}|%[sdif]|</?[a-z][^<>\n]*>|[0-9]+(?:[.,:][0-9]+)*", re.I)


def mask(text):
    kept = []
    return FROZEN.sub(lambda found: f"⟦{kept.append(found[0]) or len(kept)}⟧", text), kept


def unmask(text, kept):
    numbers = [int(number) for number in re.findall("⟦([0-9]+)⟧", text)]
    return re.sub("⟦([0-9]+)⟧", lambda found: kept[int(found[1]) - 1], text) if sorted(numbers) == list(range(1, len(kept) + 1)) else None


def chrf(answer, reference):
    a, b = re.sub(r"\s+", "", answer), re.sub(r"\s+", "", reference)
    precisions, recalls = [], []
    for n in range(1, 7):
        grams = [[text[i:i + n] for i in range(len(text) - n + 1)] for text in (a, b)]
        if grams[0] and grams[1]:
            both = sum(min(grams[0].count(gram), grams[1].count(gram)) for gram in set(grams[0]))
            precisions.append(both / len(grams[0]))
            recalls.append(both / len(grams[1]))
    if not precisions:
        return 0
    p, r = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return 100 * 5 * p * r / (4 * p + r) if p + r else 0


def translation_script(draw, key, text=""):
    roll = draw.random()
    step = key.split("/")[0]
    if roll < 0.15:
        return bad_reply(draw) or FAILURE
    if step == "there":
        if roll < 0.25:
            return reply(text.replace("⟦1⟧", draw.choice(["", "1", "⟦2⟧", "⟦1⟧ ⟦1⟧"])) + " ja")
        if roll < 0.32:
            return reply(text)
        return reply(" ".join(reversed(text.split(" "))) + draw.choice([" 好", " bitte", ""]))
    if step == "back":
        return reply(draw.choice([text, text + " please", " ".join(reversed(text.split(" "))), "Something else altogether"]))
    return reply(some_text(draw))


def translation(name, anew, seed=26):
    options = {"into": ["German", "中文"], "least_chrf": 40, **({"answers": "anew", "below": "drop"} if anew else {})}
    prompts = [prompt(f"t{i}", SOURCES[i % 6], f"Response {i} with {{a}}") for i in range(14)]
    prompts[4]["messages"].insert(0, {"role": "system", "content": "Be kind."})
    script, out, rows = Script(43 + anew, translation_script), [], []
    for one in prompts:
        for at, language in enumerate(options["into"]):
            parts = [one["messages"][-1]["content"]] + ([] if anew else [one["response"]])
            row = {"one": one, "language": language, "name": f"{one['id']}/{at}", "parts": parts, "asks": [], "texts": [], "least": None,
                   "why": "of several turns" if len(one["messages"]) > 1 else None}
            rows.append(row)
            if row["why"]:
                continue
            for part, text in enumerate(parts):
                row["asks"].append(f"there/{row['name']}/{part}")
                said, why = text_of(script.ask(row["asks"][-1], mask(text)[0]))
                told = None if why else unmask(said, mask(text)[1])
                row["why"] = row["why"] or why or ("a mask was lost" if told is None else "not translated" if told == text else None)
                row["texts"].append(told or "")
            if row["why"]:
                continue
            for part, text in enumerate(parts):
                row["asks"].append(f"back/{row['name']}/{part}")
                said, _ = text_of(script.ask(row["asks"][-1], mask(row["texts"][part])[0]))
                bare = lambda masked: re.sub("⟦[0-9]+⟧", "", masked)
                row["least"] = min(row["least"] if part else 100, chrf(bare(said or ""), bare(mask(text)[0])))
            if anew and row["least"] < 40:
                row["why"] = "the way back leads elsewhere"
            elif anew:
                row["asks"].append(f"answer/{row['name']}")
                said, row["why"] = text_of(script.ask(row["asks"][-1]))
                row["texts"] += [said] if said else []
    for row in rows:
        texts = row["texts"]
        out.append(candidate(
            f"~{len(out) + 1}", [row["one"]["id"]], f"into {row['language']}", user(texts[0]) if texts and texts[0] else [], row["asks"], row["why"],
            [response(texts[1], "writer" if anew else "translator")] if len(texts) > 1 and texts[1] else [],
        ))
    bound = {"translator": 1, "writer": 1} if anew else {"translator": 1}
    return golden("translation", options, {"prompts": prompts}, script, out, 1000, seed, bound, name)


def golden(method, options, inputs, script, candidates, want, seed, bound, name=None):
    return name or method, {
        "method": method, "options": options, "inputs": {"prompts": [], "documents": [], **inputs}, "want": want,
        "seed": seed, "bound": bound, "answers": script.answers, "candidates": candidates,
    }


# --- Chat logs ----------------------------------------------------------------------------------------------------------------


def chat_logs(seed=27):
    """What is planted is known here, and so is what a scrubbed conversation says: nothing is sought."""
    draw, out, prompts, seen = random.Random(seed), [], [], {}
    values = {
        "EMAIL": [f"{name}{i}@example.org" for name in ["anna", "bob.c", "li"] for i in range(5)],
        "PHONE": [f"+49 30 1234{i}56" for i in range(9)] + ["(415) 555-2671"],
        "IBAN": ["DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19"],
        "CARD": ["4111 1111 1111 1111"], "IP": ["84.23.17.9", "2001:db8:1::7"], "SSN": ["536-22-8123"],
    }
    said = ["Write to {} or to {}, please.", "Meine Daten: {} und {}.", "我的 {} 和 {} 谢谢", "Nothing of mine is here.", "Call {}!"]
    answers = ["I have noted {} and will answer you soon.", "Danke, {} ist nun eingetragen, und alles andere auch.", "Version 10.2 was sent on 2026-03-04, as ordered.", "Ok."]
    refused = ["I'm sorry, but I cannot help with that request today.", "Es tut mir leid, das kann ich leider nicht tun.", "Lo siento, pero no puedo ayudar con eso ahora."]
    for i in range(60):
        turns, stood, pool = [], [], []
        # Few values are in one conversation, so that they come again in it.
        for kind in draw.sample(sorted(values), 2):
            pool += [(kind, value) for value in draw.sample(values[kind], min(2, len(values[kind])))]
        numbers, count = {}, {}

        def turn(role, pattern):
            raw, clean = pattern, pattern
            while "{}" in raw:
                kind, value = draw.choice(pool)
                if value not in numbers:
                    count[kind] = count.get(kind, 0) + 1
                    numbers[value] = f"[{kind}_{count[kind]}]"
                raw, clean = raw.replace("{}", value, 1), clean.replace("{}", numbers[value], 1)
            turns.append({"role": role, "content": raw})
            stood.append({"role": role, "content": clean})

        if i % 6 == 0:
            turn("system", "You work for {}.")
        for _ in range(draw.randrange(1, 4)):
            turn("user", draw.choice(said))
            turn("assistant", draw.choice(refused if draw.random() < 0.15 else answers))
        why, fields = None, {"consent": ["true", "yes", "TRUE", "1"][i % 4 if i else 0], "consent_date": "2026-01-02"}
        if i % 10 == 3:
            fields, why = [{}, {"consent": " "}][i % 20 == 3], "no consent on record"
        elif i % 10 == 7:
            fields["consent"], why = ["false", "no", "perhaps"][i % 3], "consent was not given"
        elif i % 20 == 4:
            fields, why = {"consent": "true"}, "the record of consent is incomplete"
        elif i % 20 == 9:
            turns = [one for one in turns if one["role"] == "user"]
            why = "nothing is answered"
        elif i % 20 == 11:
            turns[0]["content"] += " My key is AKIA" + "ABCDEFGHIJKLMNOP" + "."
            why = "holds a secret"
        elif i % 20 == 15:
            turns[0]["content"] += " I am 15 years old."
            why = "somebody says they are under 18"
        # The last answer stands behind the prompt where a person is on record for it.
        apart = i % 2 == 0 and turns[-1]["role"] == "assistant"
        one = {"id": f"c{i}", "messages": turns[:-1] if apart else turns, "response": turns[-1]["content"] if apart else None, "fields": fields}
        prompts.append(one)
        if why:
            out.append(candidate(f"~{len(out) + 1}", [one["id"]], "conversation", [], [], why))
            continue
        for at, told in enumerate(stood):
            if told["role"] != "assistant":
                continue
            key, text = f"~{len(out) + 1}", told["content"]
            copy = unicodedata.normalize("NFKC", "\n".join([f"{x['role']} {x['content']}" for x in stood[:at]] + [text])).casefold()
            of, why = seen.get(copy), None
            if sum(letter.isalnum() for letter in text) < 20:
                why = "too short"
            elif text in refused:
                why = "the reply declines"
            elif of:
                why = "like another"
            else:
                seen[copy] = key
            out.append(candidate(key, [one["id"]], "conversation", stood[:at], [], why, [response(text, None)], nearest={"of": of, "figure": 1} if of else None))
    options = {"answers": "every", "record": ["consent_date"]}
    return golden("chat-logs", options, {"prompts": prompts}, Script(0, None), out, 1000, seed, {})


def main():
    judged = {"samples": 2, "score_by": "judge", "against": "random", "margin": 0.25, "max_length_ratio": 4}
    cases = dict([
        self_instruct("self-instruct", False),
        self_instruct("self-instruct, by completion", True, want=20),
        on_policy("on-policy, reward", {"samples": 4, "most": 2}, Script(10, reward_script), {"writers": 1, "reward": 1}),
        on_policy("on-policy, judge", judged, Script(11, sampled_script), {"writers": 2, "judge": 1}),
        rejection_sampling(),
        by_construction("delta-learning", Script(13, two_ways_script), ["strong", "weak"], "strong against weak", []),
        by_construction("rlcd", Script(14, two_ways_script), ["writer", "writer"], "opposite instructions", CONTRASTS),
        spin(),
        evol_instruct(),
        distilled(),
        grounded(),
        constitution(),
        rlaif(False),
        rlaif(True),
        magpie(),
        attributes(),
        personas(),
        dialogue(),
        templates(),
        chat_logs(),
        ranking(),
        humpback(),
        translation("translation", False),
        translation("translation, answered anew", True),
    ])
    for name, case in cases.items():
        drops = {}
        for one in case["candidates"]:
            drops[one["dropped"]] = drops.get(one["dropped"], 0) + 1
        print(name, len(case["answers"]), "asks", drops)
    OUT.write_text(json.dumps(cases, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
