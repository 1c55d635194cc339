"""Irregular English words: each line's first is the form that the others are found by."""

from __future__ import annotations

_IRREGULAR = """
be am is are was were been; have has had; do does did done; try tries tried; cry cries cried; dry dries dried;
go goes went gone; get got gotten; buy bought; give gave given; take took taken; make made; see saw seen; come
came; think thought; know knew known; tell told; say said; find found; feel felt; leave left; lose lost; meet
met; run ran; sit sat; stand stood; teach taught; catch caught; bring brought; build built; begin began begun;
break broke broken; choose chose chosen; drink drank drunk; drive drove driven; eat ate eaten; fall fell fallen;
fly flies flew flown; forget forgot forgotten; grow grew grown; hear heard; hide hid hidden; hold held; keep
kept; mean meant; pay paid; ride rode ridden; sell sold; send sent; sing sang sung; sleep slept; speak spoke
spoken; spend spent; steal stole stolen; swim swam swum; throw threw thrown; wake woke woken; win won; wear wore
worn; write wrote written; fight fought; draw drew drawn; shake shook shaken; sew sewn; understand understood;
become became; bite bit bitten; freeze froze frozen; lend lent; use used uses using; die died dying dies; lie
lying; tie tied tying; child children; man men; woman women; person people; wife wives; knife
knives; foot feet; tooth teeth; mouse mice
"""

FORMS = {form: plain for plain, *forms in map(str.split, _IRREGULAR.split(";")) for form in forms}
"""The plain form of each irregular one."""
