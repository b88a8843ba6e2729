"""What lm-eval 0.4.13's IFEval checkers say of made-up answers: python make_ifeval.py > ifeval.json

Left out are the kinds that need nltk's data (sentences, words in capitals) or tell the language of scraps of text. A verdict is a character for each answer: 1 followed, 0 not, x the checker raised.
"""

import json

from lm_eval.tasks.ifeval import utils

ANSWERS = [
    "Hello there, this is a plain English answer with several ordinary words in it.",
    "",
    "   \n ",
    "* first\n* second\n- third\n---\n• fourth",
    "Sure, here:\nab",
    "* one\n*two*\n\n**bold** and *italic* and ** ** and *  *",
    "First paragraph.\n\n***\n\nSecond one.\n***\nThird",
    "a *** b",
    "a\n\nb\n\n\n\nc",
    "'\"Quoted start\" of it.\n\nWeekend comes second.\n\nLast",
    '"wrapped in quotes"',
    "“typographic quotes”",
    '"',
    "<<My title>>\nText. P.S. remember this",
    "<< >>\nno title, p. p. s. more",
    "text\nP.P.S later",
    "p.p.s.",
    '```json\n{"a": [1, 2]}\n```',
    '{"a": 1,}',
    "5",
    "NaN",
    "Here: {}",
    "[name] and [address] with a [link](x) and []",
    "[multi\nline]",
    "SECTION 1\nabc\nSection 2 def\nSECTION3",
    "My answer is yes. And my answer is no.",
    "my answer is yes",
    "first answer ****** second answer",
    "******\nsame\n******\nsame\n******",
    "one ****** ****** two",
    "******one******two",
    "THE WHOLE ANSWER IS WRITTEN IN CAPITAL LETTERS AND IT IS ENGLISH TEXT",
    "the whole answer is written in small letters and it is english text",
    "The concatenate cat sat on the catalogue. CAT!",
    "only c",
    "I like c++ and C++ and cc",
    "e-mail don't stop it's",
    "Is there anything else I can help with?",
    'The end. "Any other questions?"',
    "Write a poem about rain. Here is it: rain, rain",
    "no commas here；全角，逗号、",
    "x " * 120,
    "Line one\nLine two, with comma\nLine three",
]
INSTRUCTIONS = [
    ("keywords:existence", {"keywords": ["cat", "sat"]}),
    ("keywords:existence", {"keywords": ["c++"]}),
    ("keywords:frequency", {"keyword": "cat", "frequency": 2, "relation": "at least"}),
    ("keywords:frequency", {"keyword": "rain", "frequency": 3, "relation": "less than"}),
    ("keywords:forbidden_words", {"forbidden_words": ["cat", "poem"]}),
    ("keywords:forbidden_words", {"forbidden_words": ["commas"]}),
    ("keywords:letter_frequency", {"letter": "e", "let_frequency": 5, "let_relation": "at least"}),
    ("keywords:letter_frequency", {"letter": "T", "let_frequency": 3, "let_relation": "less than"}),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 3}),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 1}),
    ("length_constraints:number_words", {"num_words": 4, "relation": "less than"}),
    ("length_constraints:number_words", {"num_words": 100, "relation": "at least"}),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 3, "nth_paragraph": 2, "first_word": "weekend"}),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 3, "nth_paragraph": 1, "first_word": "Quoted"}),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 3, "nth_paragraph": 3, "first_word": "c"}),
    ("detectable_content:number_placeholders", {"num_placeholders": 3}),
    ("detectable_content:number_placeholders", {"num_placeholders": 1}),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 4}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 1}),
    ("detectable_format:constrained_response", {}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 4}),
    ("detectable_format:multiple_sections", {"section_spliter": "SECTION", "num_sections": 2}),
    ("detectable_format:multiple_sections", {"section_spliter": "Section", "num_sections": 1}),
    ("detectable_format:json_format", {}),
    ("detectable_format:title", {}),
    ("combination:two_responses", {}),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Write a poem about rain."}),
    ("startend:end_checker", {"end_phrase": "Any other questions?"}),
    ("startend:end_checker", {"end_phrase": "Is there anything else I can help with?"}),
    ("startend:quotation", {}),
    ("change_case:english_capital", {}),
    ("punctuation:no_comma", {}),
]


def verdict(check, instruction, kwargs, answer):
    document = utils.InputExample(key=0, instruction_id_list=[instruction], prompt="", kwargs=[kwargs])
    try:
        return str(int(check(document, answer).follow_instruction_list[0]))
    except Exception:
        return "x"


print(
    json.dumps(
        {
            "tool": "lm_eval 0.4.13",
            "answers": ANSWERS,
            "instructions": [
                {
                    "id": instruction,
                    "kwargs": kwargs,
                    "strict": "".join(
                        verdict(utils.test_instruction_following_strict, instruction, kwargs, a) for a in ANSWERS
                    ),
                    "loose": "".join(
                        verdict(utils.test_instruction_following_loose, instruction, kwargs, a) for a in ANSWERS
                    ),
                }
                for instruction, kwargs in INSTRUCTIONS
            ],
        },
        indent=1,
        ensure_ascii=False,
    )
)
