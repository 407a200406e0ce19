/// A page for people: no script, nothing from elsewhere.
enum HTMLDocument {
    static let contentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"

    /// - Parameters:
    ///   - title: plain text of ours.
    ///   - body: HTML.
    static func document(title: String, body: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>\(title)</title>
        <style>
        body { font: 1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
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
