import Foundation
import FoundationNetworking
import Synchronization

/// One GET of a small document over HTTP or HTTPS, with a bound on each thing that the other side
/// chooses: time, size, and where it sends us.
final class DocumentFetch: NSObject, URLSessionDataDelegate, Sendable {
    struct Failure: Error, Equatable, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    private static let redirectsMax = 5

    private struct State {
        var bytes: [UInt8] = []
        var redirects = 0
        var waiting: CheckedContinuation<Result<[UInt8], Failure>, Never>?
        /// Kept for a waiter who comes late.
        var result: Result<[UInt8], Failure>?
    }

    private let bytesMax: Int
    private let state = Mutex(State())

    private init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// - Returns: the body of a 200, uncompressed at most `bytesMax` bytes.
    /// - Throws: when it does not come within `patience`, certificates of HTTPS included.
    static func read(_ url: URL, accept: String, bytesMax: Int, patience: Duration) async throws(Failure) -> [UInt8] {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        // Whole seconds count, and it begins anew with each byte: the deadline below comes first.
        configuration.timeoutIntervalForRequest = (patience / .seconds(1)).rounded(.up) + 1
        let fetch = DocumentFetch(bytesMax: bytesMax)
        // A session keeps its delegate until it is told that it is over. Nothing is cancelled
        // before there is a result.
        let session = URLSession(configuration: configuration, delegate: fetch, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        var request = URLRequest(url: url)
        request.setValue(accept, forHTTPHeaderField: "Accept")
        session.dataTask(with: request).resume()
        async let _: Void = fetch.fail(after: patience)
        let result = await withTaskCancellationHandler {
            await fetch.result()
        } onCancel: {
            fetch.finish(.failure(Failure("cancelled")))
        }
        return try result.get()
    }

    private func fail(after patience: Duration) async {
        // Cancelled when the outcome is there.
        guard (try? await Task.sleep(for: patience)) != nil else { return }
        finish(.failure(Failure("no answer within \(patience)")))
    }

    private func result() async -> Result<[UInt8], Failure> {
        await withCheckedContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.waiting = continuation }
                return state.result
            }
            if let result { continuation.resume(returning: result) }
        }
    }

    /// The first outcome stays.
    private func finish(_ result: Result<[UInt8], Failure>) {
        let waiting = state.withLock { state -> CheckedContinuation<Result<[UInt8], Failure>, Never>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: result)
    }

    // MARK: URLSessionDataDelegate

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        let refusal = state.withLock { state -> String? in
            state.redirects += 1
            // From https to http would give up what https is for.
            if request.url?.scheme != task.originalRequest?.url?.scheme {
                return "answered \(response.statusCode) and names a place of another scheme"
            }
            if state.redirects > Self.redirectsMax { return "answered \(response.statusCode) more than \(Self.redirectsMax) times" }
            // FoundationNetworking traps when it hears of a redirect after the task was cancelled.
            // A cancellation follows the result, which cannot come while the lock is held: so it
            // hears in the right order, or not at all.
            if state.result == nil { completionHandler(request) }
            return nil
        }
        if let refusal { finish(.failure(Failure(refusal))) }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        if status != 200 { finish(.failure(Failure("answered \(status)"))) }
        // FoundationNetworking does not look at any other word than this one.
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLong = state.withLock { state in
            guard data.count <= bytesMax - state.bytes.count else { return true }
            state.bytes += data
            return false
        }
        if isTooLong { finish(.failure(Failure("answered with more than \(bytesMax) bytes"))) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            finish(.failure(Failure(error.localizedDescription)))
        } else {
            finish(.success(state.withLock { $0.bytes }))
        }
    }
}
