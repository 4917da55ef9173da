"""Speaks lines of JSON, {"voice": …, "ssml": …}, with eSpeak NG's library and says when each word begins, which its
program does not: {"rateHz": …, "pcm": base64, "words": [{"at": character of the SSML, "ms": …}]}."""

import base64
import ctypes
import json
import sys

AUDIO_OUTPUT_RETRIEVAL = 1
EVENT_END, EVENT_WORD = 0, 1
CHARS_UTF8, SSML = 1, 0x10
PARAMETER_RATE = 1
WORDS_PER_MINUTE = 165


class EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", EventId),
    ]


library = ctypes.CDLL("libespeak-ng.so.1")
rate_hz = library.espeak_Initialize(AUDIO_OUTPUT_RETRIEVAL, 500, None, 0)
pcm = bytearray()
words = []


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))
def heard(samples, count, events):
    if samples and count > 0:
        pcm.extend(ctypes.string_at(samples, count * 2))
    index = 0
    while events[index].type != EVENT_END:
        event = events[index]
        if event.type == EVENT_WORD and event.length > 0:
            words.append({"at": event.text_position - 1, "ms": event.audio_position})
        index += 1
    return 0


library.espeak_SetSynthCallback(heard)
for line in sys.stdin:
    asked = json.loads(line)
    del words[:]
    pcm.clear()
    if library.espeak_SetVoiceByName(asked["voice"].encode()) != 0:
        sys.exit(f"eSpeak NG has no voice {asked['voice']}")
    library.espeak_SetParameter(PARAMETER_RATE, WORDS_PER_MINUTE, 0)
    text = asked["ssml"].encode() + b"\0"
    library.espeak_Synth(text, len(text), 0, 1, 0, CHARS_UTF8 | SSML, None, None)
    library.espeak_Synchronize()
    said = {"rateHz": rate_hz, "pcm": base64.b64encode(bytes(pcm)).decode(), "words": words}
    print(json.dumps(said), flush=True)
