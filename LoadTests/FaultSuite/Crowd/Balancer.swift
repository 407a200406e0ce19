import Synchronization

/// Spreads requests over the doors that say they are open, as a load balancer does which asks each
/// of them every 100 ms.
final class Balancer: Sendable {
    private let doors: [Door]
    private let isOpen: Mutex<[Bool]>
    private let turn = Mutex(0)

    init(_ doors: [Door]) {
        self.doors = doors
        self.isOpen = Mutex(doors.map { _ in true })
    }

    /// Until it is cancelled.
    func poll() async {
        await withTaskGroup(of: Void.self) { group in
            for (index, door) in doors.enumerated() {
                guard let isOpen = door.isOpen else { continue }
                group.addTask {
                    while !Task.isCancelled {
                        let answer = await isOpen()
                        self.isOpen.withLock { $0[index] = answer }
                        try? await Task.sleep(for: .milliseconds(100))
                    }
                }
            }
        }
    }

    /// The door for the next request. When none is open, all are tried in turn: what they answer
    /// then is part of what is judged.
    func next() -> Int {
        let open = isOpen.withLock { flags in flags.indices.filter { flags[$0] } }
        let candidates = open.isEmpty ? Array(doors.indices) : open
        return turn.withLock { turn in
            turn += 1
            return candidates[turn % candidates.count]
        }
    }
}
