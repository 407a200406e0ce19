import Glibc
package import NIOCore
package import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP response, as a client sees it.
package struct WebResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: ByteBuffer

    package var text: String { String(buffer: body) }
}

/// Why a request was not answered.
package enum WebClientError: Error, Equatable {
    case invalidURL
    case connectTimeout
    case refused
    /// There was no whole response in time; the connection is given up.
    case timeout
    /// The server ended the connection without a whole response.
    case closed
    case cancelled
    /// Anything else that the connection or the response did.
    case broken(String)

    /// In few words.
    package var reason: String {
        switch self {
        case .invalidURL: "not an http URL"
        case .connectTimeout: "connect timeout"
        case .refused: "refused"
        case .timeout: "timeout"
        case .closed: "closed"
        case .cancelled: "cancelled"
        case .broken(let reason): reason
        }
    }
}

/// Sends requests over kept-alive connections, as many as there are requests under way, and repeats
/// none by itself. Plain HTTP/1.1.
package final class WebClient: Sendable {
    /// A connection, and how many requests it has had.
    private struct Kept {
        var channel: any Channel
        var requests = 0
    }

    private struct State {
        var idle: [Target: [Kept]] = [:]
        var isStopped = false
    }

    /// Of the process; never stopped.
    package static let shared = WebClient()
    private static let connectPatience = TimeAmount.seconds(2)

    private let state = Mutex(State())
    private let requestsPerConnection: Int?
    private let localAddress: String?

    /// - Parameters:
    ///   - requestsPerConnection: after so many a connection is closed; `nil` keeps it for as long
    ///     as the server does.
    ///   - localAddress: where connections come from; `nil` leaves it to the system.
    package init(requestsPerConnection: Int? = nil, localAddress: String? = nil) {
        self.requestsPerConnection = requestsPerConnection
        self.localAddress = localAddress
    }

    /// - Parameters:
    ///   - url: `http://host[:port]/path?query`; the path is sent as it is.
    ///   - timeout: from now to the last byte of the response.
    package func execute(
        _ method: HTTPMethod, _ url: String, headers: [(String, String)] = [], body: String? = nil, timeout: Duration = .seconds(5)
    ) async throws(WebClientError) -> WebResponse {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let start = url.utf8.index(url.startIndex, offsetBy: "http://".count, limitedBy: url.endIndex) ?? url.endIndex
        let pathStart = url[start...].firstIndex { $0 == "/" || $0 == "?" } ?? url.endIndex
        guard let target = Target(String(url[..<pathStart])) else { throw .invalidURL }
        let path = url[pathStart...]
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path.hasPrefix("/") ? String(path) : "/\(path)")
        head.headers = HTTPHeaders([("Host", target.authority)] + headers)
        if body != nil || method == .POST { head.headers.replaceOrAdd(name: "Content-Length", value: "\(body?.utf8.count ?? 0)") }
        do {
            var kept = if let kept = takeIdle(target) { kept } else { Kept(channel: try await connect(to: target, until: deadline)) }
            kept.requests += 1
            let channel = kept.channel
            if kept.requests == requestsPerConnection { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            let response = channel.eventLoop.makePromise(of: WebResponse.self)
            let exchange = WebExchange(head: head, body: body.map { ByteBuffer(string: $0) }, deadline: deadline, response: response)
            channel.writeAndFlush(exchange).cascadeFailure(to: response)
            let answer = try await withTaskCancellationHandler {
                try await response.futureResult.get()
            } onCancel: {
                response.fail(WebClientError.cancelled)
                channel.close(promise: nil)
            }
            keep(kept, to: target)
            return answer
        } catch let error as WebClientError {
            throw error
        } catch {
            throw .broken(ConnectionFailure.reason(error))
        }
    }

    /// Closes the connections; those of requests under way when they are answered.
    package func stop() async {
        let idle = state.withLock { state in
            state.isStopped = true
            defer { state.idle = [:] }
            return state.idle.values.flatMap(\.self)
        }
        for kept in idle { try? await kept.channel.close() }
    }

    private func takeIdle(_ target: Target) -> Kept? {
        state.withLock { state in
            while let kept = state.idle[target]?.popLast() {
                if kept.channel.isActive { return kept }
            }
            return nil
        }
    }

    private func keep(_ kept: Kept, to target: Target) {
        let isKept = state.withLock { state in
            let mayServe = !state.isStopped && kept.requests != requestsPerConnection
            if mayServe { state.idle[target, default: []].append(kept) }
            return mayServe
        }
        if !isKept { kept.channel.close(promise: nil) }
    }

    private func connect(to target: Target, until deadline: NIODeadline) async throws -> any Channel {
        do {
            var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            if let localAddress { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: localAddress, port: 0)) }
            return
                try await bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connectTimeout(min(Self.connectPatience, max(.milliseconds(1), deadline - .now())))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(NIOHTTPClientResponseAggregator(maxContentLength: 8 << 20))
                        try channel.pipeline.syncOperations.addHandler(WebConnection())
                    }
                }
                .connect(host: target.host, port: target.port).get()
        } catch {
            switch ConnectionFailure.cause(error) {
            case ChannelError.connectTimeout: throw WebClientError.connectTimeout
            case let error as IOError where error.errnoCode == ECONNREFUSED: throw WebClientError.refused
            default: throw error
            }
        }
    }
}
