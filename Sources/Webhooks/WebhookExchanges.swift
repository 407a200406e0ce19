import Foundation
import FoundationNetworking
import SaleService
import Synchronization

/// The requests of one session that are under way.
final class WebhookExchanges: NSObject, URLSessionDataDelegate, Sendable {
    enum Outcome: Sendable, Equatable {
        case answered(status: Int, retryAfter: Duration?)
        /// No connection, or it broke.
        case failed(String)
        case late
        case cancelled
    }

    private struct Exchange {
        var head: Outcome?
        var byteCount = 0
        var outcome: Outcome?
        var waiting: CheckedContinuation<Outcome, Never>?
    }

    private static let bodyBytesMax = 65_536
    private let exchanges = Mutex<[Int: Exchange]>([:])

    /// Resumes `task` and awaits what becomes of it.
    func result(of task: URLSessionDataTask) async -> Outcome {
        let number = task.taskIdentifier
        exchanges.withLock { $0[number] = Exchange() }
        task.resume()
        async let _: Void = giveUp(number)
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = exchanges.withLock { exchanges in
                    if exchanges[number]?.outcome == nil { exchanges[number]?.waiting = continuation }
                    return exchanges[number]?.outcome
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            finish(number, .cancelled)
        }
        exchanges.withLock { $0[number] = nil }
        return outcome
    }

    private func giveUp(_ number: Int) async {
        // Cancelled when the outcome is there.
        guard (try? await Task.sleep(for: .seconds(Limits.webhookAnswerSeconds))) != nil else { return }
        finish(number, .late)
    }

    /// The first outcome stays.
    private func finish(_ number: Int, _ outcome: Outcome) {
        let waiting = exchanges.withLock { exchanges -> CheckedContinuation<Outcome, Never>? in
            guard exchanges[number] != nil, exchanges[number]?.outcome == nil else { return nil }
            exchanges[number]?.outcome = outcome
            return exchanges[number]?.waiting.take()
        }
        waiting?.resume(returning: outcome)
    }

    // MARK: URLSessionDataDelegate

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        // The answer is known, and the task is cancelled for it: FoundationNetworking need not hear
        // what it would have done.
        finish(task.taskIdentifier, Self.head(response))
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        exchanges.withLock { $0[dataTask.taskIdentifier]?.head = Self.head(response) }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let head = exchanges.withLock { exchanges -> Outcome? in
            exchanges[dataTask.taskIdentifier]?.byteCount += data.count
            guard let exchange = exchanges[dataTask.taskIdentifier], exchange.byteCount > Self.bodyBytesMax else { return nil }
            return exchange.head
        }
        if let head { finish(dataTask.taskIdentifier, head) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let head = exchanges.withLock { $0[task.taskIdentifier]?.head }
        finish(task.taskIdentifier, error.map { .failed($0.localizedDescription) } ?? head ?? .failed("no answer"))
    }

    private static func head(_ response: URLResponse) -> Outcome {
        guard let response = response as? HTTPURLResponse else { return .failed("no HTTP") }
        return .answered(status: response.statusCode, retryAfter: response.value(forHTTPHeaderField: "Retry-After").flatMap { retryAfter($0) })
    }

    /// Seconds, or an instant as HTTP writes it.
    static func retryAfter(_ text: String) -> Duration? {
        if let seconds = Int64(text), (0...86_400).contains(seconds) { return .seconds(seconds) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: text).map { .seconds(max(0, Int64($0.timeIntervalSinceNow.rounded(.up)))) }
    }
}
