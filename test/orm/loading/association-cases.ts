import { countOf, declarativeBase, integer, isCinnabarError, many, one, text } from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();
class Student extends Model('students', {
  id: integer().primaryKey(),
  name: text(),
  get enrolments() {
    return many(Enrolment, { by: 'studentId', cascade: 'orphans' });
  },
  get locker() {
    return one(Locker, { inverse: 'studentId' }).nullable();
  },
}) {}
class Course extends Model('courses', {
  id: integer().primaryKey(),
  title: text(),
  get enrolments() {
    return many(Enrolment, { by: 'courseId', cascade: 'delete' });
  },
}) {}
/** A link with a column of its own: its key is that of both sides. */
class Enrolment extends Model('enrolments', {
  studentId: integer().primaryKey({ generated: false }).references('students.id'),
  courseId: integer().primaryKey({ generated: false }).references('courses.id'),
  grade: integer().nullable(),
  get student() {
    return one(Student, { by: 'studentId' });
  },
  get course() {
    return one(Course, { by: 'courseId' });
  },
  get marks() {
    return many(Mark);
  },
}) {}
class Mark extends Model(
  'marks',
  {
    id: integer().primaryKey(),
    points: integer(),
    studentId: integer().nullable(),
    courseId: integer().nullable(),
    get enrolment() {
      return one(Enrolment).nullable();
    },
  },
  { foreignKeys: [{ columns: ['studentId', 'courseId'], references: 'enrolments', onDelete: 'cascade' }] },
) {}
class Locker extends Model('lockers', {
  id: integer().primaryKey(),
  studentId: integer().nullable().unique().references('students.id'),
  get student() {
    return one(Student, { by: 'studentId' }).nullable();
  },
}) {}

/** Links that are models, keys of several columns, and one-to-ones: each commit one trip. */
export function associationCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
  });

  async function given(): Promise<{ student: number; courses: number[] }> {
    const session = db.session();
    const [sql, edge] = ['SQL', 'Edge'].map((title) => new Course({ title }));
    const ann = new Student({ name: 'Ann' });
    ann.enrolments.add(new Enrolment({ course: sql!, grade: 1 }), new Enrolment({ course: edge! }));
    ann.enrolments.peek()![0]!.marks.add(new Mark({ points: 7 }), new Mark({ points: 9 }));
    ann.locker.set(new Locker({}));
    session.add(ann);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(edge!.enrolments.peek()!.map((enrolment) => enrolment.studentId)).toEqual([ann.id]);
    return { student: ann.id, courses: [sql!.id, edge!.id] };
  }

  test('the whole graph is one trip, and is there when it is read: one more', async () => {
    const { student } = await given();
    const { result, trips } = await db.record(() =>
      db
        .session()
        .query(Student)
        .with({ enrolments: { course: true, marks: true }, locker: true })
        .one(),
    );

    expect(trips).toBe(1);
    expect(
      result.enrolments.items.map((item) => [item.course.value.title, item.grade, item.marks.items.length]),
    ).toEqual([
      ['SQL', 1, 2],
      ['Edge', null, 0],
    ]);
    expect(result.locker.value?.studentId).toBe(student);
    expect(await db.session().query(Student).where(countOf(Student.c.enrolments).eq(2)).count()).toBe(1);
  });

  test('a link is changed as any row; taken out, it is deleted, and what refers to it goes by the database', async () => {
    await given();
    const session = db.session();
    const student = await session
      .query(Student)
      .with({ enrolments: { course: true } })
      .one();
    const [first, second] = student.enrolments.items;
    second!.grade = 2;
    student.enrolments.remove(first!);
    expect(first!.course.value.enrolments.peek()).toBeUndefined();
    expect((await db.record(() => session.commit())).trips).toBe(1);

    expect(await db.rows('select grade from enrolments')).toEqual([[2]]);
    expect(await db.values('select count(*) from marks')).toEqual([0]);
  });

  test('what is put into a collection that is not loaded is there when it is, from both sides', async () => {
    const { student, courses } = await given();
    const session = db.session();
    const bob = new Student({ name: 'Bob' });
    const course = (await session.get(Course, courses[0]!))!;
    const fresh = new Enrolment({ student: bob, grade: 5 });
    course.enrolments.add(fresh);
    expect(course.enrolments.loaded).toBe(false);
    expect(fresh.course.peek()).toBe(course);
    expect((await course.enrolments).map((enrolment) => enrolment.grade)).toEqual([1, 5]);
    course.enrolments.remove(fresh);
    expect((await course.enrolments).map((enrolment) => enrolment.studentId)).toEqual([student]);
    course.enrolments.add(fresh);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(await db.values('select grade from enrolments where grade is not null order by grade')).toEqual([1, 5]);
  });

  test('a course goes with its enrolments, a student frees the locker', async () => {
    const { student, courses } = await given();
    const session = db.session();
    session.delete((await session.get(Course, courses[0]!))!);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(await db.values('select course_id from enrolments')).toEqual([courses[1]]);
    session.delete((await session.get(Student, student))!);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(await db.values('select student_id from lockers')).toEqual([null]);
  });

  test('a one-to-one changes hands: the one before is without', async () => {
    await given();
    const session = db.session();
    const ann = await session.query(Student).with({ locker: true }).one();
    const locker = ann.locker.value!;
    const bob = new Student({ name: 'Bob' });
    session.add(bob);
    bob.locker.set(locker);
    expect([ann.locker.peek(), bob.locker.peek()]).toEqual([null, locker]);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(await db.values('select student_id from lockers')).toEqual([bob.id]);
  });

  test('an entity of another model, and one of another session, are refused and named', async () => {
    const { student } = await given();
    const [one_, other] = [db.session(), db.session()];
    const here = (await one_.get(Student, student))!;
    const there = await other.query(Locker).one();
    for (const [work, message] of [
      [
        () => here.enrolments.add(new Course({ title: 'X' }) as never),
        'Student.enrolments.add(): expected a Enrolment, got a Course',
      ],
      [
        () => here.locker.set(there),
        'Student.locker.set(): a Student (key: id) and a Locker (key: id) are in different sessions: load both in one, or merge() one of them',
      ],
    ] as const) {
      const { error, calls } = await db.failure(work);
      expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(message);
      expect(calls).toBe(0);
    }
  });
}
