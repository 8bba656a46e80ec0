import pytest

from crewboard.tools.language import UNKNOWN, Detector, plainly_english

TEXTS = {
    "en": "The dog ran quickly through the forest and was looking for its owner, who had got lost.",
    "de": "Der Hund lief schnell durch den Wald und suchte nach seinem Besitzer, der verloren war.",
    "fr": "Le chien courait dans la forêt et cherchait son maître qui ne savait pas où il était.",
    "es": "El perro corría por el bosque y buscaba a su dueño, que se había perdido con los otros.",
    "it": "Il cane correva nel bosco e cercava il suo padrone, che non era con gli altri della casa.",
    "pt": "O cachorro corria pela floresta e procurava o seu dono, que não estava em casa com os seus.",
    "ru": "Собака быстро бежала по лесу и искала своего хозяина, который вчера заблудился.",
    "zh": "那只狗在森林里快速奔跑,寻找昨天晚上迷路的主人,直到天亮才找到他,然后他们一起回家了。",
    "ja": "犬は森の中を速く走り、昨夜道に迷った飼い主を朝まで探し続けました。そして家に帰りました。",
}


@pytest.mark.parametrize("engine", ["cld2", "words"])
@pytest.mark.parametrize("code", TEXTS)
def test_each_language_is_told(code: str, engine: str) -> None:
    if engine == "cld2":
        pytest.importorskip("pycld2")
    detector = Detector()
    detector.engine = engine
    assert detector.language(TEXTS[code] * 3) == code


@pytest.mark.parametrize("engine", ["cld2", "words"])
@pytest.mark.parametrize("text", ["", "42", "x = y + 1", "Paris", "\x00\x01", "\ufdd0" * 80])
def test_what_is_too_short_or_no_prose_is_not_judged(text: str, engine: str) -> None:
    if engine == "cld2":
        pytest.importorskip("pycld2")
    detector = Detector()
    detector.engine = engine
    assert detector.language(text) == UNKNOWN


@pytest.mark.parametrize("code", TEXTS)
def test_the_glance_passes_english_only(code: str) -> None:
    assert plainly_english((TEXTS[code] * 8).encode()) == (code == "en")


def test_english_after_code_is_seen() -> None:
    code = "x = [i for i in range(10)]\n" * 30
    assert plainly_english((code + TEXTS["en"] * 40).encode())
