import Foundation
import FoundationNetworking
import SaleCore
import SaleService
import Synchronization

/// Sends messages to one URL. Follows no redirects, and reads no more of an answer than its head
/// and 64 KiB.
final class HTTPTransport: WebhookTransport {
    private let url: URL
    private let secrets: SecretFile
    private let session: URLSession
    private let exchanges: WebhookExchanges

    /// A token may stand in the query.
    var destination: String { String(url.absoluteString.prefix { $0 != "?" }) }

    init(url: URL, secrets: SecretFile, connectionsMax: Int) {
        self.url = url
        self.secrets = secrets
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.httpMaximumConnectionsPerHost = connectionsMax
        // It begins anew with each byte: the deadline of an exchange comes first.
        configuration.timeoutIntervalForRequest = Double(Limits.webhookAnswerSeconds) + 5
        exchanges = WebhookExchanges()
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    deinit {
        // A session keeps its delegate until it is told that it is over.
        session.invalidateAndCancel()
    }

    func send(_ message: WebhookMessage) async -> WebhookAnswer {
        let timestamp = Int64(Date().timeIntervalSince1970)
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = Data(message.body.utf8)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue("seckill/\(Release.version)", forHTTPHeaderField: "User-Agent")
        request.setValue(message.id, forHTTPHeaderField: "webhook-id")
        request.setValue("\(timestamp)", forHTTPHeaderField: "webhook-timestamp")
        request.setValue(
            WebhookSignature.header(id: message.id, timestamp: timestamp, body: message.body, keys: secrets.keys),
            forHTTPHeaderField: "webhook-signature")
        let task = session.dataTask(with: request)
        let result = await exchanges.result(of: task)
        // Whatever still comes is of no interest.
        task.cancel()
        return Self.answer(result)
    }

    static func answer(_ result: WebhookExchanges.Outcome) -> WebhookAnswer {
        switch result {
        case .late: .busy("no answer within \(Limits.webhookAnswerSeconds) s", retryAfter: nil)
        case .cancelled: .away("cancelled")
        case .failed(let reason): .away(reason)
        case .answered(let status, let retryAfter):
            switch status {
            case 200..<300: .taken
            case 410: .gone
            case 429, 502, 503, 504: .busy("answered \(status)", retryAfter: retryAfter)
            case _ where retryAfter != nil: .busy("answered \(status)", retryAfter: retryAfter)
            case 300..<400: .refused("answered \(status): redirects are not followed")
            default: .refused("answered \(status)")
            }
        }
    }
}
