from configured import build_configured

for i in range(3):
    build_configured()
