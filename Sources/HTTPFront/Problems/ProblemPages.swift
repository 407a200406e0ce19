/// The page behind each problem's `type`, for the person who follows it.
enum ProblemPages {
    static func page(of code: ProblemCode) -> String {
        document(
            title: code.title,
            body: """
                <h1>\(code.title)</h1>
                <p><code>\(code.rawValue)</code> · status \(code.status) · \(code.isRetryable ? "may succeed later" : "will not succeed as it is")</p>
                <p>\(code.defaultDetail)</p>
                <p>\(code.advice)</p>
                <p><a href="/problems">All problems</a></p>
                """)
    }

    static var list: String {
        let rows = ProblemCode.allCases.map {
            "<tr><td>\($0.status)</td><td><a href=\"\($0.typeReference)\"><code>\($0.rawValue)</code></a></td><td>\($0.title)</td></tr>"
        }
        return document(
            title: "Problems",
            body: """
                <h1>Problems</h1>
                <p>Every error of this service is <code>application/problem+json</code> (RFC 9457) with one of these codes.</p>
                <table>\(rows.joined(separator: "\n"))</table>
                """)
    }

    private static func document(title: String, body: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>\(title)</title>
        <style>
        body { font: 1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
        td { padding: .1rem 1rem .1rem 0 }
        </style>
        \(body)
        </html>
        """
    }
}
