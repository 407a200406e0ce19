import CCrypto
import Foundation
import SaleService
import Testing

@testable import Webhooks

/// Over a real socket.
@Suite(.timeLimit(.minutes(1))) struct HTTPTransportTests {
    private func transport(to url: URL, secret: String = TestSecret.one.text) throws -> HTTPTransport {
        HTTPTransport(url: url, secrets: try SecretFile(TestSecret.file(secret)), connectionsMax: 4)
    }

    private let message = WebhookMessage(id: "evt_7-8-9", body: #"{"type":"order.paid","data":{"user":"小明"}}"#)

    @Test func aMessageArrivesAsItIsAndIsSignedWithEverySecret() async throws {
        try await withReceiver({ _ in .status(204) }) { receiver in
            let transport = try transport(to: receiver.url, secret: TestSecret.one.text + "\n" + TestSecret.two.text + "\n")
            #expect(await transport.send(message) == .taken)
            #expect(await transport.send(message) == .taken)
            let request = try #require(receiver.requests.first)
            #expect(request.body == message.body)
            #expect(request.headers[":method"] == "POST")
            #expect(request.headers[":path"] == "/hook")
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.headers["webhook-id"] == "evt_7-8-9")
            let timestamp = try #require(request.headers["webhook-timestamp"].flatMap { Int64($0) })
            #expect(abs(Double(timestamp) - Date().timeIntervalSince1970) < 10)
            let signed = "evt_7-8-9.\(timestamp).\(message.body)"
            #expect(
                request.headers["webhook-signature"]
                    == [TestSecret.one, .two].map { "v1," + Data(hmac(signed, $0.bytes)).base64EncodedString() }.joined(separator: " "))
        }
    }

    /// libcrypto's one-shot function, which the service does not use.
    private func hmac(_ text: String, _ key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        var count = 0
        let message = Array(text.utf8)
        // The call keeps nothing of what it is given.
        _ = unsafe EVP_Q_mac(nil, "HMAC", nil, "SHA256", nil, key, key.count, message, message.count, &code, code.count, &count)
        return code
    }

    @Test(arguments: [
        (200, WebhookAnswer.taken), (202, .taken), (299, .taken), (410, .gone), (400, .refused("answered 400")), (401, .refused("answered 401")),
        (500, .refused("answered 500")), (502, .busy("answered 502", retryAfter: nil)), (504, .busy("answered 504", retryAfter: nil)),
        (429, .busy("answered 429", retryAfter: nil)), (503, .busy("answered 503", retryAfter: nil)),
    ])
    func anAnswerMeansWhatItsStatusSays(status: Int, answer: WebhookAnswer) async throws {
        try await withReceiver({ _ in .status(status, body: "x") }) { receiver in
            let heard = try await transport(to: receiver.url).send(message)
            #expect(heard == answer)
        }
    }

    @Test(arguments: [("7", Duration.seconds(7)), ("0", .zero), ("Wed, 21 Oct 2015 07:28:00 GMT", .zero)])
    func whoAsksForPatienceGetsIt(text: String, expected: Duration) async throws {
        try await withReceiver({ _ in .status(500, ["Retry-After": text]) }) { receiver in
            let heard = try await transport(to: receiver.url).send(message)
            #expect(heard == .busy("answered 500", retryAfter: expected))
        }
    }

    @Test(arguments: [301, 302, 307, 308]) func aRedirectIsNotFollowed(status: Int) async throws {
        try await withReceiver({ _ in .status(200) }) { other in
            let place = other.url.absoluteString
            try await withReceiver({ _ in .status(status, ["Location": place]) }) { receiver in
                guard case .refused = try await transport(to: receiver.url).send(message) else {
                    Issue.record("it was taken for something else")
                    return
                }
                #expect(receiver.requests.count == 1)
            }
            #expect(other.requests.isEmpty)
        }
    }

    @Test func nobodyThereOrACutConnectionIsNoRefusal() async throws {
        let receiver = TestReceiver { _ in .cut }
        try await receiver.start()
        let transport = try transport(to: receiver.url)
        guard case .away = await transport.send(message) else { throw Unexpected() }
        await receiver.stop()
        guard case .away = await transport.send(message) else { throw Unexpected() }
    }

    private struct Unexpected: Error {}

    @Test func aLongAnswerIsReadNoFurther() async throws {
        try await withReceiver({ _ in .status(200, body: String(repeating: "x", count: 3_000_000)) }) { receiver in
            let heard = try await transport(to: receiver.url).send(message)
            #expect(heard == .taken)
        }
    }

    @Test func secretsAreReplacedWhileItRuns() async throws {
        let path = try TestSecret.file(TestSecret.one.text)
        let secrets = try SecretFile(path)
        func signature() -> String { WebhookSignature.header(id: "a", timestamp: 1, body: "b", keys: secrets.keys) }
        let old = signature()
        try Data("odd".utf8).write(to: URL(filePath: path))
        try await Task.sleep(for: .milliseconds(2_100))
        #expect(signature() == old)
        try Data((TestSecret.two.text + "\n" + TestSecret.one.text).utf8).write(to: URL(filePath: path))
        try await Task.sleep(for: .milliseconds(2_100))
        let both = signature()
        #expect(both.hasSuffix(" " + old) && both.count == 2 * old.count + 1)
    }
}
