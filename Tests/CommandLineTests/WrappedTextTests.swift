import Testing

@testable import seckill

@Suite struct WrappedTextTests {
    @Test func linesEndBetweenWords() {
        #expect("one two three".wrapped(to: 7) == ["one two", "three"])
        #expect("an immeasurable".wrapped(to: 5) == ["an", "immea", "surab", "le"])
        #expect("".wrapped(to: 4) == [""])
        #expect("秒杀 秒杀".wrapped(to: 8) == ["秒杀", "秒杀"])
    }

    @Test func whatIsToBeCopiedStaysInOnePiece() {
        #expect("no tables: run `seckill migrate` first".wrapped(to: 20) == ["no tables: run", "`seckill migrate`", "first"])
        #expect("a ` that has no pair".wrapped(to: 10) == ["a ` that", "has no", "pair"])
    }
}
