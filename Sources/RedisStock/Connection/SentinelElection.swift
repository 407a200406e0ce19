import Logging
import NIOCore
import NIOPosix
import SaleService

/// The Sentinels that watch one primary.
package struct SentinelGroup: Sendable, Equatable {
    package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
        package var host: String
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    package var sentinels: [Endpoint]
    /// What the primary is called in the Sentinels' configuration.
    package var name: String

    package init(sentinels: [Endpoint], name: String) {
        self.sentinels = sentinels
        self.name = name
    }
}

/// What the Sentinels of a group answered when each was asked which Redis is the primary
/// (https://redis.io/docs/latest/develop/reference/sentinel-clients/).
struct SentinelElection: Equatable {
    /// The Redis that most of the answers name; of equally many, the one named first.
    let primary: SentinelGroup.Endpoint?
    /// More than half of all Sentinels, those included that did not answer, name it.
    let isMajority: Bool

    init(answers: [SentinelGroup.Endpoint], sentinelCount: Int) {
        var votes: [SentinelGroup.Endpoint: Int] = [:]
        for answer in answers { votes[answer, default: 0] += 1 }
        let most = votes.values.max() ?? 0
        primary = answers.first { votes[$0] == most }
        isMajority = most * 2 > sentinelCount
    }

    private static let replyTimeout = TimeAmount.seconds(1)

    /// Asks every Sentinel of `group` at once, over a connection of its own, and returns as soon as
    /// more than half of all agree: a host that is dead or cut off holds nobody up. One that does
    /// not answer within a second does not count.
    static func hold(_ group: SentinelGroup, on eventLoop: any EventLoop, completion: @escaping (SentinelElection) -> Void) {
        let polling = Polling(sentinelCount: group.sentinels.count, completion: completion)
        for sentinel in group.sentinels { ask(sentinel, group.name, on: eventLoop) { polling.answered($0) } }
    }

    /// The answers to one question, as they come in.
    final class Polling {
        private let sentinelCount: Int
        /// `nil` once it was called.
        private var completion: ((SentinelElection) -> Void)?
        private var answers: [SentinelGroup.Endpoint] = []
        private var outstanding: Int

        init(sentinelCount: Int, completion: @escaping (SentinelElection) -> Void) {
            self.sentinelCount = sentinelCount
            self.completion = completion
            outstanding = sentinelCount
        }

        func answered(_ primary: SentinelGroup.Endpoint?) {
            if let primary { answers.append(primary) }
            outstanding -= 1
            let election = SentinelElection(answers: answers, sentinelCount: sentinelCount)
            if election.isMajority || outstanding == 0 { completion.take()?(election) }
        }
    }

    private static func ask(
        _ sentinel: SentinelGroup.Endpoint, _ name: String, on eventLoop: any EventLoop, answer: @escaping (SentinelGroup.Endpoint?) -> Void
    ) {
        let question = Question(name: name, answer: answer)
        let bound = NIOLoopBound(question.connection(), eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(replyTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
            .connect(host: sentinel.host, port: sentinel.port)
            .assumeIsolated()
            .whenFailure { _ in question.end(nil) }
    }

    /// One question to one Sentinel, answered once.
    private final class Question {
        private let name: String
        private var answer: ((SentinelGroup.Endpoint?) -> Void)?
        /// Until the answer: the two hold each other.
        private var pipeline: RedisPipeline?

        init(name: String, answer: @escaping (SentinelGroup.Endpoint?) -> Void) {
            self.name = name
            self.answer = answer
        }

        /// The connection that asks as soon as it is open.
        func connection() -> RedisPipeline {
            let pipeline = RedisPipeline(replyTimeout: replyTimeout, onOpen: { self.ask() }, onClose: { _ in self.end(nil) })
            self.pipeline = pipeline
            return pipeline
        }

        func end(_ primary: SentinelGroup.Endpoint?) {
            answer.take()?(primary)
            pipeline.take()?.close(reason: "answered")
        }

        private func ask() {
            pipeline?.send {
                $0.writeCommand(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.name])
            } completion: { result in
                guard
                    case .success(let value) = result, let parts = value.elements, parts.count == 2, let host = parts[0].text,
                    let port = parts[1].number.flatMap({ Int(exactly: $0) })
                else { return self.end(nil) }
                self.end(SentinelGroup.Endpoint(host: host, port: port))
            }
        }
    }
}
