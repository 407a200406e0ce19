import Testing

@testable import SaleCore

@Suite struct Xoshiro256Tests {
    /// The first numbers of the authors' own program for this seed.
    @Test func itGivesTheNumbersOfItsAuthors() {
        var random = Xoshiro256(seed: (1, 2, 3, 4))
        #expect((0..<4).map { _ in random.next() } == [11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240])
    }

    @Test func zerosAreNoSeed() {
        var random = Xoshiro256(seed: (0, 0, 0, 0))
        #expect(Set((0..<100).map { _ in random.next() }).count > 90)
    }
}
