package import NIOCore
import NIOPosix

/// Opens the connections of an owner, and a new one for each that is lost. Confined to its event
/// loop.
package final class Connector {
    /// More at once would overrun the listener's queue, which then answers only after a second.
    private static let atOnceMax = 64
    private static let connectTimeout = TimeAmount.seconds(3)
    private static let backoffMin = TimeAmount.milliseconds(10)
    private static let backoffMax = TimeAmount.seconds(1)

    private let eventLoop: any EventLoop
    private let address: SocketAddress
    private var unopened = 0
    private var underway = 0
    /// Present while the first connections are being opened: losing one then is a failure to start.
    private var opening: EventLoopPromise<Void>?
    private var backoff = Connector.backoffMin
    private var isClosed = false

    package init(eventLoop: any EventLoop, address: SocketAddress) {
        self.eventLoop = eventLoop
        self.address = address
    }

    /// Succeeds when `count` connections are open; fails with the first failure.
    package func open(_ count: Int, for owner: any LoadConnectionOwner) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        opening = promise
        unopened = count
        openMore(for: owner)
        return promise.futureResult
    }

    /// Replaces a lost connection: at once when it was of use, otherwise after a pause that
    /// doubles.
    package func lost(hadAnswered: Bool, for owner: any LoadConnectionOwner) {
        guard !isClosed else { return }
        if hadAnswered {
            connect(for: owner)
        } else {
            connectLater(for: owner)
        }
    }

    /// Opens no more connections.
    package func close() {
        isClosed = true
    }

    private func openMore(for owner: any LoadConnectionOwner) {
        while unopened > 0, underway < Self.atOnceMax {
            unopened -= 1
            connect(for: owner)
        }
    }

    private func connect(for owner: any LoadConnectionOwner) {
        underway += 1
        ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(Self.connectTimeout)
            .connect(to: address)
            .assumeIsolated()
            .whenComplete { result in
                self.underway -= 1
                switch result {
                case .success(let channel): self.opened(channel, for: owner)
                case .failure(let error): self.failed(error, for: owner)
                }
            }
    }

    private func connectLater(for owner: any LoadConnectionOwner) {
        let delay = backoff
        backoff = min(TimeAmount.nanoseconds(backoff.nanoseconds * 2), Self.backoffMax)
        _ = eventLoop.assumeIsolated().scheduleTask(in: delay) {
            if !self.isClosed { self.connect(for: owner) }
        }
    }

    private func opened(_ channel: any Channel, for owner: any LoadConnectionOwner) {
        guard !isClosed else { return channel.close(promise: nil) }
        let connection = LoadConnection(owner: owner)
        do {
            try channel.pipeline.syncOperations.addHandler(connection)
        } catch {
            return failed(error, for: owner)
        }
        openMore(for: owner)
        if unopened == 0, underway == 0, let promise = opening {
            opening = nil
            promise.succeed(())
        }
        owner.becameIdle(connection)
    }

    private func failed(_ error: any Error, for owner: any LoadConnectionOwner) {
        guard !isClosed else { return }
        if let promise = opening {
            opening = nil
            close()
            promise.fail(error)
        } else {
            connectLater(for: owner)
        }
    }
}
