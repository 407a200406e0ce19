/// A page for people: no script, nothing from elsewhere.
enum HTMLDocument {
    static let contentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// - Parameters:
    ///   - title: plain text of ours.
    ///   - head: HTML.
    ///   - body: HTML.
    static func document(language: String = "en", title: String, head: String = "", body: String) -> String {
        """
        <!doctype html>
        <html lang="\(language)">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>\(title)</title>\(head)
        <style>
        :root { color-scheme: light dark }
        body { font: 1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
        table { display: block; overflow-x: auto }
        td, th { padding: .1rem 1rem .1rem 0; text-align: left }
        </style>
        <main>
        \(body)
        </main>
        </html>
        """
    }

    /// `text` as it stands between tags, or between quotes.
    static func text(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
