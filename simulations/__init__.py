"""The product in virtual time: the core that runs live, with a made-up switch and made-up people.

House rules: nothing here decides who is offered to whom; that is the core's. Only `draws` is
random, and one seed gives one day, on any machine and in any year. Nothing below imports this.
"""
