package import SaleCore

/// One request to a receiver.
package struct WebhookMessage: Sendable, Equatable {
    /// The same at every attempt: the event's. A batch has one of its own, which follows from its
    /// events: they are not the same ones at every attempt.
    package var id: String
    package var body: String

    package init(id: String, body: String) {
        self.id = id
        self.body = body
    }

    /// - Parameter events: at least one.
    init(_ events: [FeedEvent], to endpoint: WebhookEndpoint) {
        self.init(
            id: endpoint.batch == 1 ? events[0].id : Self.id(ofBatch: events),
            body: endpoint.batch == 1 ? EventJSON.webhook(events[0]) : EventJSON.webhook(batch: events))
    }

    /// Of no event: shows whether a receiver is there and finds the signature right.
    package static func test(at now: Timestamp) -> WebhookMessage {
        let id = "evt_test-\(UInt64.random(in: .min ... .max))"
        return WebhookMessage(id: id, body: "{\"type\":\"webhook.test\",\"timestamp\":\"\(now)\",\"data\":{}}")
    }

    /// FNV-1a of the events' ids.
    private static func id(ofBatch events: [FeedEvent]) -> String {
        let hash = events.flatMap { $0.id.utf8 }.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "evt_batch-\(hash)"
    }
}

/// What a receiver made of a message.
package enum WebhookAnswer: Sendable, Equatable {
    case taken
    /// It does not want this one, or not now.
    case refused(String)
    /// It, or something in front of it, asks for patience or took too long: with this one, or with
    /// all.
    case busy(String, retryAfter: Duration?)
    /// It is not there, or hung up.
    case away(String)
    /// It wants no more, ever.
    case gone

    /// Why it was not taken; `nil` when it was.
    package var objection: String? {
        switch self {
        case .taken: nil
        case .refused(let reason), .busy(let reason, _), .away(let reason): reason
        case .gone: "answered 410"
        }
    }
}

/// The way to one receiver. Signs, and returns within `Limits.webhookAnswerSeconds`.
package protocol WebhookTransport: Sendable {
    /// Where it leads, for operators: nothing secret.
    var destination: String { get }

    func send(_ message: WebhookMessage) async -> WebhookAnswer
}
