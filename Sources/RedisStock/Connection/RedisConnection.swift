import FlowControl
import Logging
import NIOCore
import NIOPosix
import SaleService

/// A connection to Redis that comes back by itself. Confined to its event loop.
final class RedisConnection {
    private enum State {
        /// Next: `electing`, `opening`, or `closed`.
        case idle
        /// The Sentinels are being asked. Next: `opening`, `waiting`, or `closed`.
        case electing
        /// The socket opens, or the handshake is under way. Next: `ready`, `waiting`, or `closed`.
        case opening(RedisPipeline)
        /// Next: `waiting`, or `closed`.
        case ready(RedisPipeline, StoreIdentity)
        /// A timer leads to the next attempt. Next: `electing`, `opening`, or `closed`.
        case waiting(Scheduled<Void>, reason: String)
        /// Terminal. The pipeline may still await replies.
        case closed
    }

    /// Stores are near: who has not answered by then is asked again sooner than his network would.
    private static let connectTimeout = TimeAmount.milliseconds(500)

    let eventLoop: any EventLoop
    private let url: RedisURL
    private let requiresPrimary: Bool
    private let replyTimeout: TimeAmount
    private let logger: Logger
    private var backoff = Backoff(first: .milliseconds(50), longest: .milliseconds(250))
    private var random = SystemRandomNumberGenerator()
    private var state = State.idle
    /// The Redis that the Sentinels named for the present connection.
    private var primary: SentinelGroup.Endpoint?
    private var attemptWaiters: [(Result<StoreIdentity, StoreError>) -> Void] = []
    private var closeWaiters: [() -> Void] = []
    /// Told of every new connection.
    var onConnected: () -> Void = {}

    /// - Parameter requiresPrimary: a replica counts as no connection: it refuses writes, and what
    ///   it reads may be old.
    init(url: RedisURL, eventLoop: any EventLoop, requiresPrimary: Bool, replyTimeout: TimeAmount, logger: Logger) {
        self.url = url
        self.eventLoop = eventLoop
        self.requiresPrimary = requiresPrimary
        self.replyTimeout = replyTimeout
        self.logger = logger
    }

    /// What the Redis at the other end said of itself at the handshake; `nil` while there is no
    /// usable connection.
    var identity: StoreIdentity? {
        eventLoop.preconditionInEventLoop()
        guard case .ready(_, let identity) = state else { return nil }
        return identity
    }

    /// Connects, and connects again whenever the connection breaks, until `close`.
    func connect() {
        eventLoop.preconditionInEventLoop()
        if case .idle = state { open() }
    }

    /// Calls back at once when there is a connection, else when the attempt that is under way or
    /// comes next has ended.
    func whenAttempted(_ body: @escaping (Result<StoreIdentity, StoreError>) -> Void) {
        switch state {
        case .ready(_, let identity): body(.success(identity))
        case .closed: body(.failure(.notSent(reason: "the connection to Redis was closed")))
        case .idle, .electing, .opening, .waiting: attemptWaiters.append(body)
        }
    }

    /// - Parameter write: writes exactly one command.
    func send(_ write: (inout ByteBuffer) -> Void, completion: @escaping RedisPipeline.Completion) {
        eventLoop.preconditionInEventLoop()
        guard case .ready(let pipeline, _) = state else { return completion(.failure(.notSent(reason: whyNot))) }
        pipeline.send(write, completion: completion)
    }

    /// Why nothing can be sent.
    private var whyNot: String {
        switch state {
        case .waiting(_, let reason): reason
        case .closed: "the connection to Redis was closed"
        case .idle, .electing, .opening, .ready: "no connection to \(url) yet"
        }
    }

    /// Asks the Redis at the other end once more who it is, and the Sentinels whether it still is
    /// the primary. One that cannot be used any longer ends the connection.
    func identifyAgain(_ completion: @escaping (Result<StoreIdentity, StoreError>) -> Void = { _ in }) {
        eventLoop.preconditionInEventLoop()
        guard case .ready(let pipeline, _) = state else { return completion(.failure(.notSent(reason: whyNot))) }
        guard case .sentinel(let group) = url.address else { return askForInfo(on: pipeline, isElected: true, completion) }
        SentinelElection.hold(group, on: eventLoop) { election in
            guard self.pipeline === pipeline else { return completion(.failure(.notSent(reason: "the connection to Redis was lost"))) }
            if let named = election.primary, named != self.primary, election.isMajority {
                pipeline.close(reason: "Sentinel names another primary, \(named)")
                return completion(.failure(.notSent(reason: "Sentinel names another primary, \(named)")))
            }
            self.askForInfo(on: pipeline, isElected: election.isMajority, completion)
        }
    }

    private func askForInfo(on pipeline: RedisPipeline, isElected: Bool, _ completion: @escaping (Result<StoreIdentity, StoreError>) -> Void) {
        pipeline.send {
            $0.writeCommand(["INFO"])
        } completion: { result in
            self.infoArrived(result, on: pipeline)
            completion(
                result.flatMap { value in
                    guard var identity = value.text.flatMap({ ServerInfo($0) })?.identity else {
                        return .failure(.outcomeUnknown(reason: "INFO cannot be read"))
                    }
                    identity.isElected = isElected
                    return .success(identity)
                })
        }
    }

    /// Gives this connection up and makes another one, for a Redis that has become something else
    /// than the handshake found.
    func reconnect(reason: String) {
        eventLoop.preconditionInEventLoop()
        if case .ready(let pipeline, _) = state { pipeline.close(reason: reason) }
    }

    /// Takes no more commands, awaits the replies that are under way, and closes for good.
    func close(completion: @escaping () -> Void) {
        eventLoop.preconditionInEventLoop()
        switch state {
        case .ready(let pipeline, _):
            state = .closed
            closeWaiters.append(completion)
            pipeline.drain()
        case .opening(let pipeline):
            state = .closed
            pipeline.close(reason: "closed")
            answerAttempt(.failure(.notSent(reason: "the connection to Redis was closed")))
            completion()
        case .waiting(let timer, _):
            state = .closed
            timer.cancel()
            completion()
        case .idle, .electing:
            state = .closed
            answerAttempt(.failure(.notSent(reason: "the connection to Redis was closed")))
            completion()
        case .closed where closeWaiters.isEmpty: completion()
        case .closed: closeWaiters.append(completion)
        }
    }

    // MARK: Opening

    private func open() {
        switch url.address {
        case .tcp(let host, let port): open { $0.connect(host: host, port: port) }
        case .unix(let path): open { $0.connect(unixDomainSocketPath: path) }
        case .sentinel(let group):
            state = .electing
            SentinelElection.hold(group, on: eventLoop) { election in
                guard case .electing = self.state else { return }
                guard let primary = election.primary else { return self.attemptFailed(reason: "no Sentinel names the primary \(group.name)") }
                self.primary = primary
                self.open { $0.connect(host: primary.host, port: primary.port) }
            }
        }
    }

    private func open(_ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>) {
        let pipeline = RedisPipeline(
            replyTimeout: replyTimeout, onOpen: { [weak self] in self?.shakeHands() }, onClose: { [weak self] in self?.pipelineClosed(reason: $0) })
        state = .opening(pipeline)
        let bound = NIOLoopBound(pipeline, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
        connect(bootstrap).assumeIsolated().whenFailure { error in
            // Nothing came of the socket, so that the pipeline will not tell.
            if case .opening(let current) = self.state, current === pipeline { self.attemptFailed(reason: "cannot connect: \(error)") }
        }
    }

    private func shakeHands() {
        guard case .opening(let pipeline) = state else { return }
        if let password = url.password {
            let words = ["AUTH"] + (url.user.map { [$0] } ?? []) + [password]
            pipeline.send({ $0.writeCommand(words) }, completion: { self.expectSuccess($0, of: "AUTH", on: pipeline) })
        }
        if url.database != 0 {
            let words = ["SELECT", String(url.database)]
            pipeline.send({ $0.writeCommand(words) }, completion: { self.expectSuccess($0, of: "SELECT", on: pipeline) })
        }
        pipeline.send({ $0.writeCommand(["INFO"]) }, completion: { self.infoArrived($0, on: pipeline) })
    }

    private var pipeline: RedisPipeline? {
        switch state {
        case .opening(let pipeline), .ready(let pipeline, _): pipeline
        case .idle, .electing, .waiting, .closed: nil
        }
    }

    private func expectSuccess(_ result: Result<RedisValue, StoreError>, of command: String, on pipeline: RedisPipeline) {
        if case .failure(.refused(let reason)) = result { pipeline.close(reason: "\(command) was refused: \(reason)") }
    }

    private func infoArrived(_ result: Result<RedisValue, StoreError>, on pipeline: RedisPipeline) {
        guard self.pipeline === pipeline else { return }
        switch result {
        case .failure(.refused(let reason)): pipeline.close(reason: "INFO was refused: \(reason)")
        // The connection broke and tells so itself.
        case .failure: break
        case .success(let value):
            guard let info = value.text.flatMap({ ServerInfo($0) }) else {
                return pipeline.close(reason: "INFO tells no run_id, master_replid, role, redis_version or aof_enabled")
            }
            if info.isLoading { return pipeline.close(reason: "Redis is reading its data from the disk") }
            if requiresPrimary && !info.identity.isPrimary { return pipeline.close(reason: "Redis is a replica") }
            let known = identity
            state = .ready(pipeline, info.identity)
            backoff.reset()
            // Otherwise an open connection was asked again.
            if known == nil { StoreMetrics.redisConnected() }
            guard known != info.identity else { return }
            logger.info("connected to Redis", metadata: [LogKey.redis: "\(url)", LogKey.run: "\(info.identity.run)"])
            answerAttempt(.success(info.identity))
            onConnected()
        }
    }

    // MARK: Closing

    private func pipelineClosed(reason: String) {
        switch state {
        case .opening: attemptFailed(reason: reason)
        case .ready:
            logger.warning("lost the connection to Redis", metadata: [LogKey.redis: "\(url)", LogKey.error: "\(reason)"])
            openLater(reason: reason)
        case .closed:
            let waiters = closeWaiters
            closeWaiters = []
            for waiter in waiters { waiter() }
        case .idle, .electing, .waiting: break
        }
    }

    private func attemptFailed(reason: String) {
        // One line per outage, not one per attempt.
        logger.log(
            level: backoff.isFresh ? .warning : .debug, "no connection to Redis", metadata: [LogKey.redis: "\(url)", LogKey.error: "\(reason)"])
        openLater(reason: reason)
        answerAttempt(.failure(.notSent(reason: reason)))
    }

    private func openLater(reason: String) {
        let timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(backoff.next(using: &random))) {
            // A timer that lost the race with `close` finds another state.
            if case .waiting = self.state { self.open() }
        }
        state = .waiting(timer, reason: "no connection to \(url): \(reason)")
    }

    private func answerAttempt(_ result: Result<StoreIdentity, StoreError>) {
        let waiters = attemptWaiters
        attemptWaiters = []
        for waiter in waiters { waiter(result) }
    }
}
