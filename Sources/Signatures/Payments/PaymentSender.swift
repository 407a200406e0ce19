package import Foundation
import FoundationNetworking
package import SaleCore

/// Tells the service of a payment as its provider would.
package struct PaymentSender: Sendable {
    package struct Answer: Sendable {
        package var status: Int
        package var body: String
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let signature: PaymentSignature
    private let url: URL
    private static let patience: TimeInterval = 10

    package init(signature: PaymentSignature, url: URL) {
        self.signature = signature
        self.url = url
    }

    package func send(_ event: PaymentEvent, now: Timestamp) async throws(Failure) -> Answer {
        let body = Self.body(of: event)
        var request = URLRequest(url: url, timeoutInterval: Self.patience)
        request.httpMethod = "POST"
        request.httpBody = Data(body.utf8)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue(signature.header(for: Array(body.utf8), now: now), forHTTPHeaderField: "Seckill-Signature")
        let session = URLSession(configuration: .ephemeral)
        defer { session.invalidateAndCancel() }
        do {
            let (data, response) = try await session.data(for: request)
            return Answer(status: (response as? HTTPURLResponse)?.statusCode ?? 0, body: String(decoding: data, as: UTF8.self))
        } catch {
            throw Failure(description: error.localizedDescription)
        }
    }

    package static func body(of event: PaymentEvent) -> String {
        """
        {"event_id":"\(escaped(event.id.rawValue))","order_id":"\(event.order)","outcome":"\(event.outcome.rawValue)","amount":\(event.amount),\
        "currency":"\(event.currency)"}
        """
    }

    /// Of visible ASCII, JSON writes two characters with a backslash.
    private static func escaped(_ text: String) -> String { text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") }
}
