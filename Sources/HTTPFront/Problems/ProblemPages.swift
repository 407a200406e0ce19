/// The page behind each problem's `type`, for the person who follows it.
enum ProblemPages {
    static func page(of code: ProblemCode) -> String {
        HTMLDocument.document(
            title: code.title,
            body: """
                <h1>\(code.title)</h1>
                <p><code>\(code.rawValue)</code> · status \(code.status) · \(code.isRetryable ? "may succeed later" : "will not succeed as it is")</p>
                <p>\(code.defaultDetail)</p>
                <p>\(code.advice)</p>
                <p><a href="/problems">All problems</a> · <a href="/">Home</a></p>
                """)
    }

    /// What edges say in place of a node (docs/integrate.md); their `type` leads here.
    private static let ofEdges = [
        (
            code: "outcome_unknown", statuses: "500, 502, 504", title: "Outcome unknown",
            text:
                "The edge sent the request to a node and got no answer. The node may have done what was asked: ask again with the same Idempotency-Key."
        ),
        (
            code: "request_timeout", statuses: "408", title: "Request timeout",
            text: "The request did not arrive in time, and nothing was done. Send it again."
        ),
    ]

    /// `nil` for a code that no edge knows.
    static func page(ofEdgesCode code: String) -> String? {
        ofEdges.first { $0.code == code }.map { problem in
            HTMLDocument.document(
                title: problem.title,
                body: """
                    <h1>\(problem.title)</h1>
                    <p><code>\(problem.code)</code> · status \(problem.statuses) · may succeed later</p>
                    <p>\(problem.text)</p>
                    <p><a href="/problems">All problems</a> · <a href="/">Home</a></p>
                    """)
        }
    }

    static var list: String {
        let rows = ProblemCode.allCases.map {
            "<tr><td>\($0.status)</td><td><a href=\"\($0.typeReference)\"><code>\($0.rawValue)</code></a></td><td>\($0.title)</td></tr>"
        }
        let edgeRows = ofEdges.map {
            "<tr><td>\($0.statuses)</td><td><a href=\"/problems/\($0.code)\"><code>\($0.code)</code></a></td><td>\($0.title) (of a load balancer)</td></tr>"
        }
        return HTMLDocument.document(
            title: "Problems",
            body: """
                <h1>Problems</h1>
                <p>Every error of this service, but for an address that is mistyped in a browser, is <code>application/problem+json</code> (RFC 9457) with one of these codes.</p>
                <table>\((rows + edgeRows).joined(separator: "\n"))</table>
                <p><a href="/">Home</a></p>
                """)
    }
}
