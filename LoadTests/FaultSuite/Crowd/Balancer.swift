import NIOHTTP1
import Synchronization

/// Spreads requests over the nodes that say they are ready, as a load balancer does which asks each of them every 100 ms.
final class Balancer: Sendable {
    private let nodes: [Node]
    private let isReady: Mutex<[Bool]>
    private let turn = Mutex(0)

    init(_ nodes: [Node]) {
        self.nodes = nodes
        self.isReady = Mutex(nodes.map { _ in true })
    }

    /// Until it is cancelled.
    func poll() async {
        await withTaskGroup(of: Void.self) { group in
            for index in nodes.indices {
                group.addTask {
                    while !Task.isCancelled {
                        let answer = (try? await self.nodes[index].isReady()) ?? false
                        self.isReady.withLock { $0[index] = answer }
                        try? await Task.sleep(for: .milliseconds(100))
                    }
                }
            }
        }
    }

    /// The node for the next request. When none is ready, all are tried in turn: what they answer then is part of what is judged.
    func next() -> Int {
        let ready = isReady.withLock { flags in flags.indices.filter { flags[$0] } }
        let candidates = ready.isEmpty ? Array(nodes.indices) : ready
        return turn.withLock { turn in
            turn += 1
            return candidates[turn % candidates.count]
        }
    }
}

/// At most so many at once; the others wait their turn.
actor Turnstile {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) {
        free = count
    }

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
