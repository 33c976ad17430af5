# For Colab: brings the other files of the problem set here. Elsewhere this cell does nothing.
import io
import pathlib
import zipfile

try:
    from google.colab import files
except ImportError:
    print("This is not Colab: there is nothing to do.")
else:
    print("Choose the zip file of the problem set.")
    brought = []
    for data in files.upload().values():
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                for member in packed.namelist():
                    name = pathlib.PurePosixPath(member).name
                    unneeded = name.startswith((".", "requirements")) or name in ("check.py", "LICENSE")
                    if not unneeded and not member.endswith(("/", ".ipynb", ".html")):
                        brought.append(name)
                        pathlib.Path(name).write_bytes(packed.read(member))
    if brought:
        print("Ready: " + ", ".join(brought))
    else:
        print("That was not the zip file of the problem set. Run this cell again.")
