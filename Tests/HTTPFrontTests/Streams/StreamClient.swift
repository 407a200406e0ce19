import Foundation

@testable import HTTPFront

/// One that listens to a stream, and reads when the test asks.
final class StreamClient {
    struct Event: Equatable {
        /// `:` is a comment, `retry` the line that says so.
        var name: String
        var id: String?
        var data = ""

        init(_ block: String) {
            name = ""
            for line in block.split(separator: "\n") {
                let field = line.prefix { $0 != ":" }
                let value = line.dropFirst(field.count + 1).drop { $0 == " " }
                switch field {
                case "event": name = String(value)
                case "id": id = String(value)
                case "data": data += value
                default: (name, data) = (field.isEmpty ? ":" : String(field), String(value))
                }
            }
        }

        func json() throws -> [String: Any] { try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any] ?? [:] }
        var available: [String: Int]? { try? json()["available"] as? [String: Int] }
        var state: String? { try? json()["state"] as? String }
    }

    let client: RawClient
    private var text = ""

    init(_ port: Int, _ target: String = "/v1/sales/live/events", _ headers: String..., method: String = "GET", receiveBufferBytes: Int32? = nil)
        async throws
    {
        client = try RawClient(port: port, receiveBufferBytes: receiveBufferBytes)
        try await client.send((["\(method) \(target) HTTP/1.1", "Host: h"] + headers).joined(separator: "\r\n") + "\r\n\r\n")
    }

    /// What stands in front of the next `end`; `nil` when the connection ends before.
    private func block(_ end: String) async throws -> String? {
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while true {
            if let found = text.range(of: end) {
                defer { text = String(text[found.upperBound...]) }
                return String(text[..<found.lowerBound])
            }
            guard let bytes = client.receive() else { return nil }
            text += String(decoding: bytes, as: UTF8.self)
            guard bytes.isEmpty else { continue }
            guard ContinuousClock.now < deadline else { throw RawClient.Failed(call: "an event", code: ETIMEDOUT) }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    func head() async throws -> Answer { Answer(try await block("\r\n\r\n") ?? "") }

    /// `nil` at the end of the stream.
    func event() async throws -> Event? { try await block("\n\n").map { Event($0) } }

    /// The head, and the two blocks with which a stream begins.
    func opening() async throws -> (head: Answer, retry: Event?, sale: Event?) { (try await head(), try await event(), try await event()) }

    /// The body of an answer that is none of a stream; the connection stays open.
    func problem() async throws -> Answer {
        let head = try await block("\r\n\r\n") ?? ""
        let length = Answer(head)["content-length"].flatMap { Int($0) } ?? 0
        while text.utf8.count < length, let bytes = client.receive() {
            text += String(decoding: bytes, as: UTF8.self)
            if bytes.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        }
        return Answer(head + "\r\n\r\n" + text)
    }
}
