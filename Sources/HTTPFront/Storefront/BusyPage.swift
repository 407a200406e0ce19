import HummingbirdCore
import NIOCore
import NIOHTTP1

/// What a person sees whose page a node has no room for: it says so, and asks again by itself,
/// without a script. Its bytes are prepared, since it is sent when there is no time for it.
struct BusyPage: Sendable {
    private let opening: ByteBuffer
    /// From behind the number of seconds.
    private let rest: ByteBuffer

    private static let seconds = "{seconds}"

    static let prepared = Dictionary(uniqueKeysWithValues: StorefrontLanguage.allCases.map { ($0, BusyPage($0)) })

    private init(_ language: StorefrontLanguage) {
        let html = HTMLDocument.document(
            language: language.tag, title: language("busy"), head: "\n<meta http-equiv=\"refresh\" content=\"\(Self.seconds)\">",
            body: """
                <h1>\(language("busy"))</h1>
                <p>\(language("noteBusy"))</p>
                <p><a href="">\(language("reload"))</a></p>
                """)
        let parts = html.split(separator: Self.seconds, maxSplits: 1)
        (opening, rest) = (ByteBuffer(substring: parts[0]), ByteBuffer(substring: parts[1]))
    }

    /// Whether a request would open a page, for a person to read.
    static func isFor(_ head: HTTPRequestHead) -> Bool {
        (head.method == .GET || head.method == .HEAD) && RouteTable.public.isPage(head.uri) && Accept(head.headers["Accept"]).prefersHTML
    }

    static func language(of head: HTTPRequestHead) -> StorefrontLanguage {
        StorefrontLanguage(asked: URI(head.uri).queryParameters["lang"], accepted: head.headers["Accept-Language"])
    }

    func byteCount(retryAfterSeconds: Int) -> Int { opening.readableBytes + "\(retryAfterSeconds)".utf8.count + rest.readableBytes }

    func write(retryAfterSeconds: Int, into buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(opening)
        buffer.writeDecimal(retryAfterSeconds)
        buffer.writeImmutableBuffer(rest)
    }
}
