import Glibc
import LoadSupport
import Testing

@Suite struct ProcessTreeTests {
    @Test func aNameMayHoldParenthesesAndSpaces() throws {
        let stat = try #require(ProcessStat(stat: "42 (tmux: (a) b) S 7 42 42 0 -1 4194560 1 2 3 4 10 20 300 400 20 0 1 0 5 6 7\n"))
        #expect(stat == ProcessStat(pid: 42, parent: 7, ownTicks: 30, childTicks: 700))
    }

    @Test(arguments: ["", "42", "42 (sh) S 7", "42 (sh) S x 42 42 0 -1 4194560 1 2 3 4 10 20 300 400"])
    func anotherTextIsNoProcess(text: String) {
        #expect(ProcessStat(stat: text) == nil)
    }

    @Test func aProcessCountsWithItsDescendants() {
        let tree = ProcessTree([
            ProcessStat(pid: 1, parent: 0, ownTicks: 1_000), ProcessStat(pid: 2, parent: 1, ownTicks: 100),
            ProcessStat(pid: 3, parent: 2, ownTicks: 10),
            ProcessStat(pid: 4, parent: 3, ownTicks: 1), ProcessStat(pid: 5, parent: 1, ownTicks: 7),
        ])
        #expect(tree.ticks(of: 2) == 111)
        #expect(tree.ticks(of: 5) == 7)
        #expect(tree.ticks(of: 9) == 0)
    }

    @Test func theOthersAreAllButOursAndTheKernel() {
        let tree = ProcessTree([
            ProcessStat(pid: 1, parent: 0, ownTicks: 1_000), ProcessStat(pid: 2, parent: 0, ownTicks: 300),
            ProcessStat(pid: 3, parent: 2, ownTicks: 30),
            ProcessStat(pid: 10, parent: 1, ownTicks: 50), ProcessStat(pid: 11, parent: 10, ownTicks: 5),
        ])
        #expect(tree.ticksOfOthers(than: 10) == 1_000)
        #expect(tree.ticksOfOthers(than: 99) == 1_055)
    }

    @Test func inAContainerProcessTwoIsAnOrdinaryOne() {
        let tree = ProcessTree([
            ProcessStat(pid: 1, parent: 0, ownTicks: 100), ProcessStat(pid: 2, parent: 1, ownTicks: 30), ProcessStat(pid: 3, parent: 2, ownTicks: 7),
        ])
        #expect(tree.ticksOfOthers(than: 3) == 130)
    }

    @Test func whoRunsIsFoundAndNobodyElse() throws {
        let tree = ProcessTree.read()
        #expect(tree.contains(getpid()) && !tree.contains(.max))
        #expect(tree.members(of: getppid()).contains(getpid()))
        #expect(ProcessStat.read(getpid())?.parent == getppid())
        #expect(ProcessStat.read(.max) == nil)
        #expect(ProcessMemory.resident(of: getpid()) > 1 << 20)
        #expect(ProcessMemory.residentMax(of: getpid()) > 1 << 20)
        #expect(ProcessMemory.resident(of: .max) == 0)
    }
}
