"""One self-contained page of what a scenario came to: text first, then pictures and their figures.

House rules: all is made of result.json's figures (`study`), every text stands in Swedish and
English side by side (`language`), pictures are inline SVG of our own (`svg`), drawn once for a
screen and once for a phone, and nothing is fetched from anywhere.
"""
